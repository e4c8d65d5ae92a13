#include "http/request.hpp"

namespace rowmill::http {

std::string_view name_of(Fault::Kind kind) {
    switch (kind) {
        case Fault::Kind::connect:
            return "connect";
        case Fault::Kind::certificate:
            return "certificate";
        case Fault::Kind::tls:
            return "tls";
        case Fault::Kind::cut:
            return "cut";
        case Fault::Kind::too_long:
            return "too long";
        case Fault::Kind::url:
            return "url";
        case Fault::Kind::cancelled:
            return "cancelled";
        case Fault::Kind::network:
            return "network";
    }
    return "network";
}

}  // namespace rowmill::http
