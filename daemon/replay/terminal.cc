#include "daemon/replay/terminal.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <limits>

#include "parser/harmful_characters.h"
#include "parser/utf8.h"

namespace signinwatch::replay {
namespace {

constexpr std::string_view kReplacement = "\xef\xbf\xbd";
constexpr std::string_view kEllipsis = "\xe2\x80\xa6";
constexpr size_t kColumnsUsual = 100;

struct Range {
  uint32_t first, last;
};

template <size_t N>
bool IsIn(const Range (&ranges)[N], uint32_t c) {
  return std::any_of(ranges, ranges + N,
                     [c](const Range& r) { return c >= r.first && c <= r.last; });
}

size_t ColumnsOf(uint32_t c) {
  constexpr Range kCombining[] = {
      {0x300, 0x36f}, {0x1ab0, 0x1aff}, {0x1dc0, 0x1dff}, {0x20d0, 0x20ff}, {0xfe00, 0xfe0f}};
  constexpr Range kWide[] = {{0x1100, 0x115f},  {0x2e80, 0xa4cf},   {0xac00, 0xd7a3},
                             {0xf900, 0xfaff},  {0xfe30, 0xfe6f},   {0xff00, 0xff60},
                             {0xffe0, 0xffe6},  {0x1f300, 0x1f64f}, {0x1f900, 0x1f9ff},
                             {0x20000, 0x3fffd}};
  if (IsIn(kCombining, c)) return 0;
  return IsIn(kWide, c) ? 2 : 1;
}

std::string Fitted(std::string_view text, size_t columns, size_t filled) {
  std::string out;
  size_t used = 0;
  size_t cut_bytes = 0;  // of `out`, where an ellipsis would still fit
  size_t cut_columns = 0;
  while (!text.empty()) {
    const CodePoint c = FirstCodePoint(text);
    const bool harmful = IsHarmful(c.value) || c.value == kReplacementCharacter;
    const size_t width = harmful ? 1 : ColumnsOf(c.value);
    if (used + width > columns) {
      out.resize(cut_bytes);
      used = cut_columns;
      if (columns > 0) out += kEllipsis;
      used += columns > 0 ? 1 : 0;
      break;
    }
    out += harmful ? kReplacement : text.substr(0, c.bytes);
    used += width;
    text.remove_prefix(c.bytes);
    if (used + 1 <= columns) {
      cut_bytes = out.size();
      cut_columns = used;
    }
  }
  if (used < filled) out.append(filled - used, ' ');
  return out;
}

// Of the terminal or the environment; 0: there is no width.
size_t ColumnsGiven(std::FILE* file) {
  if (const char* const text = std::getenv("COLUMNS"); text != nullptr) {
    const std::string_view view = text;
    size_t columns = 0;
    const auto [end, error] = std::from_chars(view.data(), view.data() + view.size(), columns);
    if (error == std::errc() && end == view.data() + view.size() && columns > 0) return columns;
  }
  winsize size{};
  return ::ioctl(::fileno(file), TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
}

}  // namespace

std::string FitColumns(std::string_view text, size_t columns, bool fill) {
  return Fitted(text, columns, fill ? columns : 0);
}

std::string PadColumns(std::string_view text, size_t columns) {
  return Fitted(text, std::numeric_limits<size_t>::max() / 2, columns);
}

size_t TerminalColumns(std::FILE* file) {
  const size_t given = ColumnsGiven(file);
  return given > 0 ? given : kColumnsUsual;
}

bool HasColumns(std::FILE* file) { return ColumnsGiven(file) > 0; }

bool IsTerminal(std::FILE* file) {
  const char* const kind = std::getenv("TERM");
  return ::isatty(::fileno(file)) == 1 && kind != nullptr && std::string_view(kind) != "dumb";
}

bool WantsColour(std::FILE* file) {
  const char* const refused = std::getenv("NO_COLOR");
  return IsTerminal(file) && (refused == nullptr || *refused == '\0');
}

}  // namespace signinwatch::replay
