#pragma once

#include "job/job.hpp"
#include "run/desk.hpp"
#include "web/message.hpp"

#include <boost/json/object.hpp>

#include <optional>
#include <string>
#include <vector>

namespace rowmill::web {

/// The body of a request of the API: an object with these members at most; none is an empty one. Throws Problem where it is something else
/// (400), or not said to be JSON (415).
boost::json::object read_body(const Request& request, const std::vector<std::string>& members);
/// A member that is an object of texts, numbers and truth values, as texts; null: left out. Throws Problem.
run::ParamTexts texts_of(const boost::json::object& body, std::string_view member);
/// Throws Problem for anything but true or false; false where it is not there.
bool flag_of(const boost::json::object& body, std::string_view member);
/// Throws Problem for anything but a text; empty where it is not there.
std::string text_of(const boost::json::object& body, std::string_view member);
/// Throws Problem for anything but a list of texts, and for one without any; empty where it is not there.
std::vector<std::string> list_of(const boost::json::object& body, std::string_view member);

// What the API answers with, beside what pages.hpp has. One JSON object each.
std::string to_json(const std::vector<run::Catalog::Entry>& jobs);
std::string to_json(const job::Job& job);
std::string to_json(const run::Plan& plan);
std::string to_json(const std::vector<store::DeadLetterRecord>& letters, std::optional<std::uint64_t> more_after);

}  // namespace rowmill::web
