// What a message looks like of which no record could be used, and what to do about it: one answer
// for the doctor, the daemon's status and replay.
//
//   if (parsed.signals.empty()) Say("looks like " + RecogniseShape(payload).name);
//
// A guess for people's eyes, from the first record of the message; nothing is read otherwise,
// counted otherwise or left out because of it. Pure.
#ifndef SIGNINWATCH_DAEMON_SHAPE_MESSAGE_SHAPE_H_
#define SIGNINWATCH_DAEMON_SHAPE_MESSAGE_SHAPE_H_

#include <cstddef>
#include <string>
#include <string_view>

namespace signinwatch::shape {

struct MessageShape {
  // What it is: "rows of a Log Analytics workspace". Short, printable, of one line; words of the
  // message are in it only as far as they are names of keys, categories or tables.
  std::string name;
  // What to do, as a sentence without its full stop: "set input.unwrap: true".
  std::string advice;
};

// So much of a message is looked at.
inline constexpr size_t kShapeBytes = size_t{64} << 10;

// `unwrap`: input.unwrap is on, so that what a record wraps is what counts.
[[nodiscard]] MessageShape RecogniseShape(std::string_view message, bool unwrap);

}  // namespace signinwatch::shape

#endif  // SIGNINWATCH_DAEMON_SHAPE_MESSAGE_SHAPE_H_
