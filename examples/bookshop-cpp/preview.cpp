#include "preview.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <fstream>
#include <stdexcept>
#include <string_view>
#include <vector>

namespace bookshop {
namespace {

constexpr unsigned width = 180, height = 240, margin = 12;
constexpr unsigned dot = 4;  ///< pixels, of which a letter is three wide and five high
constexpr unsigned letter_step = 4 * dot, line_step = 7 * dot;

/// A letter's five rows from the top, three dots each as an octal digit: A is 010 101 111 101 101.
constexpr std::array<std::uint16_t, 26> letters{025755, 065656, 034443, 065556, 074647, 074644, 034553, 055755, 072227,
                                                011152, 055655, 044447, 057755, 065555, 025552, 065644, 025563, 065655,
                                                034216, 072222, 055557, 055552, 055775, 055255, 055222, 071247};

struct Color {
    std::uint8_t red, green, blue;
};

class Image {
public:
    explicit Image(Color color) : pixels_(width * height, color) {}

    void fill(unsigned left, unsigned top, unsigned size, Color color) {
        for (unsigned y = top; y < top + size && y < height; ++y)
            for (unsigned x = left; x < left + size && x < width; ++x) pixels_[y * width + x] = color;
    }

    void write(std::ostream& out) const {
        out << "P6\n" << width << ' ' << height << "\n255\n";
        for (const Color& pixel : pixels_) out.put(char(pixel.red)).put(char(pixel.green)).put(char(pixel.blue));
    }

private:
    std::vector<Color> pixels_;
};

/// Dark enough to be written on in white; the same for the same title everywhere (FNV-1a).
Color cloth_of(std::string_view title) {
    std::uint32_t hash = 2166136261;
    for (const char character : title) hash = (hash ^ static_cast<std::uint8_t>(character)) * 16777619;
    const auto part = [&](unsigned shift) { return static_cast<std::uint8_t>(20 + (hash >> shift & 0x7f)); };
    return {part(0), part(8), part(16)};
}

void draw_letter(Image& image, unsigned left, unsigned top, std::uint16_t letter) {
    for (unsigned row = 0; row < 5; ++row)
        for (unsigned column = 0; column < 3; ++column)
            if (letter >> (14 - 3 * row - column) & 1)
                image.fill(left + column * dot, top + row * dot, dot, {255, 255, 255});
}

/// Word by word, each on the line where it has room; what is no letter of ours leaves a gap.
void draw_title(Image& image, std::string_view title) {
    unsigned left = margin, top = margin;
    for (std::size_t i = 0; i < title.size(); ++i) {
        const std::size_t word = title.substr(i).find(' ');
        const auto length = static_cast<unsigned>(std::min(word, title.size() - i));
        const bool begins = i == 0 || title[i - 1] == ' ';
        const bool fits = left + (begins ? length : 1) * letter_step <= width - margin;
        if (!fits && left > margin) {
            left = margin;
            top += line_step;
        }
        const char letter = static_cast<char>(title[i] & ~0x20);
        if (letter >= 'A' && letter <= 'Z')
            draw_letter(image, left, top, letters[static_cast<std::size_t>(letter - 'A')]);
        left += letter_step;
    }
}

}  // namespace

void make_preview(const std::string& title, const std::filesystem::path& file) {
    Image image{cloth_of(title)};
    draw_title(image, title);
    std::filesystem::create_directories(file.parent_path());
    std::filesystem::path unfinished = file;
    unfinished += ".part";
    std::ofstream out{unfinished, std::ios::binary};
    image.write(out);
    out.close();
    if (!out) throw std::runtime_error{unfinished.string() + " can't be written"};
    std::filesystem::rename(unfinished, file);
}

}  // namespace bookshop
