// Text from outside on a terminal: how wide its characters are.
#ifndef SIGNINWATCH_DAEMON_REPLAY_TERMINAL_H_
#define SIGNINWATCH_DAEMON_REPLAY_TERMINAL_H_

#include <cstddef>
#include <cstdio>
#include <string>
#include <string_view>

namespace signinwatch::replay {

// `text` cut to `columns` with an ellipsis, and filled up with blanks when `fill`. Harmful
// characters (parser/harmful_characters.h) become U+FFFD. Wide characters count as two columns
// (Unicode TR 11, its main blocks), combining ones as none.
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

}  // namespace signinwatch::replay

#endif  // SIGNINWATCH_DAEMON_REPLAY_TERMINAL_H_
