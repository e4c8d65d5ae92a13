#include "engine/fault.hpp"

#include <exception>

namespace rowmill::engine {

Error current_error() {
    try {
        throw;
    } catch (const Error& error) {
        return error;
    } catch (const std::exception& error) {
        return Error{ErrorKind::internal, error.what()};
    } catch (...) {
        return Error{ErrorKind::internal, "something was thrown that is no exception"};
    }
}

}  // namespace rowmill::engine
