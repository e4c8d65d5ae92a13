#include "db/option_file.hpp"

#include <rowmill/error.hpp>

#include <sys/stat.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace rowmill::db {
namespace {

constexpr unsigned deepest_include = 10;

std::string_view stripped(std::string_view text) {
    constexpr std::string_view blanks = " \t\r\n\f\v";
    const std::size_t first = text.find_first_not_of(blanks);
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

/// A `#` outside quotes starts a comment, wherever it stands: passwords with one have to be quoted.
std::string_view without_comment(std::string_view line) {
    char quote = 0;
    bool escaped = false;
    for (std::size_t i = 0; i < line.size(); ++i) {
        const char c = line[i];
        if ((c == '\'' || c == '"') && !escaped) quote = quote == 0 ? c : (quote == c ? '\0' : quote);
        if (quote == 0 && c == '#') return line.substr(0, i);
        escaped = quote != 0 && c == '\\' && !escaped;
    }
    return line;
}

/// The character that a backslash and `c` stand for, or 0 where the backslash is a backslash.
char unescaped(char c) {
    switch (c) {
        case 'b':
            return '\b';
        case 't':
            return '\t';
        case 'n':
            return '\n';
        case 'r':
            return '\r';
        case 's':
            return ' ';
        case '\\':
        case '\'':
        case '"':
            return c;
        default:
            return 0;
    }
}

std::string value_of(std::string_view text) {
    const bool quoted =
        text.size() >= 2 && (text.front() == '\'' || text.front() == '"') && text.back() == text.front();
    if (quoted) text = text.substr(1, text.size() - 2);
    std::string value;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char meant = text[i] == '\\' && i + 1 < text.size() ? unescaped(text[i + 1]) : '\0';
        value += meant != 0 ? meant : text[i];
        if (meant != 0) ++i;
    }
    return value;
}

std::string name_of_option(std::string_view text) {
    std::string name{text};
    for (char& c : name) {
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + ('a' - 'A'));
        if (c == '_') c = '-';
    }
    return name.starts_with("loose-") ? name.substr(6) : name;
}

class Reader {
public:
    explicit Reader(const std::vector<std::string>& groups) : groups_{groups} {}

    void read(const std::string& path, unsigned depth) {
        std::ifstream file{path};
        if (!file) throw Error{ErrorKind::usage, "cannot read the option file " + path};
        if (depth > deepest_include) throw Error{ErrorKind::usage, path + ": option files include each other too deep"};
        bool in_any_group = false, in_our_group = false;
        std::string line;
        for (unsigned number = 1; std::getline(file, line); ++number) {
            const std::string where = path + ":" + std::to_string(number);
            const std::string_view text = stripped(line);
            if (text.empty() || text.front() == '#' || text.front() == ';') continue;
            if (text.front() == '!') {
                follow(text, where, depth);
            } else if (text.front() == '[') {
                in_our_group = is_ours(group_of(text, where));
                in_any_group = true;
            } else if (!in_any_group) {
                throw Error{ErrorKind::usage, where + ": an option before any [group]"};
            } else if (in_our_group) {
                add(stripped(without_comment(text)), where);
            }
        }
    }

    std::vector<FileOption> take() { return std::move(options_); }

private:
    bool is_ours(std::string_view group) const {
        return std::find(groups_.begin(), groups_.end(), group) != groups_.end();
    }

    static std::string_view group_of(std::string_view text, const std::string& where) {
        const std::size_t end = text.find(']');
        if (end == std::string_view::npos) throw Error{ErrorKind::usage, where + ": a [group] without its ]"};
        return stripped(text.substr(1, end - 1));
    }

    void add(std::string_view text, const std::string& where) {
        const std::size_t equals = text.find('=');
        FileOption option{name_of_option(stripped(text.substr(0, equals))), {}, where};
        if (equals != std::string_view::npos) option.value = value_of(stripped(text.substr(equals + 1)));
        options_.push_back(std::move(option));
    }

    void follow(std::string_view directive, const std::string& where, unsigned depth) {
        constexpr std::string_view folder = "!includedir", file = "!include";
        if (directive.starts_with(folder)) {
            for (const auto& path :
                 files_of(expand_home(std::string{stripped(directive.substr(folder.size()))}), where)) {
                read(path, depth + 1);
            }
        } else if (directive.starts_with(file)) {
            read(expand_home(std::string{stripped(directive.substr(file.size()))}), depth + 1);
        } else {
            throw Error{ErrorKind::usage, where + ": only !include and !includedir are known"};
        }
    }

    static std::vector<std::string> files_of(const std::string& folder, const std::string& where) {
        std::error_code failure;
        std::vector<std::string> paths;
        for (const auto& entry : std::filesystem::directory_iterator{folder, failure}) {
            if (entry.path().extension() == ".cnf") paths.push_back(entry.path().string());
        }
        if (failure) throw Error{ErrorKind::usage, where + ": cannot read the folder " + folder};
        std::sort(paths.begin(), paths.end());
        return paths;
    }

    const std::vector<std::string>& groups_;
    std::vector<FileOption> options_;
};

}  // namespace

std::vector<FileOption> read_option_file(const std::string& path, const std::vector<std::string>& groups) {
    Reader reader{groups};
    reader.read(path, 0);
    return reader.take();
}

bool is_world_writable(const std::string& path) {
    struct stat status {};
    return ::stat(path.c_str(), &status) == 0 && S_ISREG(status.st_mode) && (status.st_mode & S_IWOTH) != 0;
}

std::string expand_home(const std::string& path) {
    const char* home = std::getenv("HOME");
    if (home == nullptr || (path != "~" && !path.starts_with("~/"))) return path;
    return home + path.substr(1);
}

}  // namespace rowmill::db
