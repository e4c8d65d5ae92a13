#include "run/live_settings.hpp"

#include <boost/json.hpp>

namespace rowmill::run {

namespace json = boost::json;

std::string encode(const LiveSettings& settings) {
    json::object object;
    for (const auto& [key, value] : settings) object[key] = value;
    return json::serialize(object);
}

LiveSettings decode_live_settings(const std::string& text) {
    LiveSettings settings;
    if (text.empty()) return settings;
    boost::system::error_code failed;
    const json::value parsed = json::parse(text, failed);
    if (failed || !parsed.is_object()) return settings;
    for (const auto& [key, value] : parsed.get_object())
        if (value.is_string()) settings[std::string{key}] = value.get_string().c_str();
    return settings;
}

job::Overrides changes(const LiveSettings& before, const LiveSettings& now) {
    job::Overrides changed;
    for (const auto& [key, value] : now) {
        const auto old = before.find(key);
        if (old == before.end() || old->second != value) changed.emplace_back(key, value);
    }
    return changed;
}

std::string display(const job::Overrides& settings) {
    std::string text;
    for (const auto& [key, value] : settings) text += (text.empty() ? "" : " ") + (value.empty() ? "no " + key : key + "=" + value);
    return text;
}

}  // namespace rowmill::run
