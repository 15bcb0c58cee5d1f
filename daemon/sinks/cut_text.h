// Texts of a limited size: cut at a character, and saying so by "…". Pure; texts are UTF-8, as all
// that comes from the parser is.
#ifndef SIGNINWATCH_DAEMON_SINKS_CUT_TEXT_H_
#define SIGNINWATCH_DAEMON_SINKS_CUT_TEXT_H_

#include <cstddef>
#include <string>
#include <string_view>

namespace signinwatch::sinks {

// At most `most` characters (code points), or bytes, of which the last is "…" where it is cut.
[[nodiscard]] std::string CutCharacters(std::string_view text, size_t most);
[[nodiscard]] std::string CutBytes(std::string_view text, size_t most);

// `text`, then `tail`, such as the reference of a revision, which is never cut: of `text` so much
// goes as leaves room.
[[nodiscard]] std::string CutCharactersBefore(std::string_view text, std::string_view tail,
                                              size_t most);

[[nodiscard]] size_t CharacterCount(std::string_view text);

}  // namespace signinwatch::sinks

#endif  // SIGNINWATCH_DAEMON_SINKS_CUT_TEXT_H_
