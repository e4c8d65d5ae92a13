#pragma once

#include <filesystem>
#include <string>

namespace bookshop {

/// Draws a book's cover, with its title in capitals, and writes it as a PPM image. The file is there whole or not at
/// all, and the same title makes the same file, so that a row may be worked on twice. Throws std::runtime_error that
/// names the file.
void make_preview(const std::string& title, const std::filesystem::path& file);

}  // namespace bookshop
