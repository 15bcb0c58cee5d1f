// Text from outside on a terminal: where characters begin, how wide they are, which do harm.
#ifndef SIGNINWATCH_DAEMON_REPLAY_TERMINAL_H_
#define SIGNINWATCH_DAEMON_REPLAY_TERMINAL_H_

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <string>
#include <string_view>

namespace signinwatch {

// A code point at the start of a text. Bytes that are no well-formed UTF-8 (RFC 3629) are one
// U+FFFD each.
struct CodePoint {
  uint32_t value = 0;
  size_t bytes = 0;
};
[[nodiscard]] CodePoint FirstCodePoint(std::string_view text);  // of a text that is not empty

// `text` cut to `columns` with an ellipsis, and filled up with blanks when `fill`. Control
// characters, and those that turn the direction of writing or can't be seen, become U+FFFD. Wide
// characters count as two columns (Unicode TR 11, its main blocks), combining ones as none.
[[nodiscard]] std::string FitColumns(std::string_view text, size_t columns, bool fill);

// The same without a bound: whole, filled up to `columns` where it is shorter.
[[nodiscard]] std::string PadColumns(std::string_view text, size_t columns);

// Columns of the terminal that `file` is: COLUMNS if that is set to a number, else what the
// terminal says, else 100.
[[nodiscard]] size_t TerminalColumns(std::FILE* file);
// One of the first two holds, so that lines have to be cut. What is piped is cut by whoever reads
// it.
[[nodiscard]] bool HasColumns(std::FILE* file);

// `file` is a terminal that can be written over and coloured.
[[nodiscard]] bool IsTerminal(std::FILE* file);
// The same, and its user has not asked for no colours (no-color.org).
[[nodiscard]] bool WantsColour(std::FILE* file);

}  // namespace signinwatch

#endif  // SIGNINWATCH_DAEMON_REPLAY_TERMINAL_H_
