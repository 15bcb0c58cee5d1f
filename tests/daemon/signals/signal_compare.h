// Whether two signals say the same, whatever texts and details they refer to.
#ifndef SIGNINWATCH_TESTS_DAEMON_SIGNALS_SIGNAL_COMPARE_H_
#define SIGNINWATCH_TESTS_DAEMON_SIGNALS_SIGNAL_COMPARE_H_

#include <string>

#include "parser/message_parser.h"

namespace signinwatch::signals {

// Everything that a signal says, with its details, as text: "category=... time=...".
[[nodiscard]] std::string Describe(const Signal& signal, const ParsedMessage& message);

}  // namespace signinwatch::signals

#endif  // SIGNINWATCH_TESTS_DAEMON_SIGNALS_SIGNAL_COMPARE_H_
