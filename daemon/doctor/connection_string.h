// Connection strings of Event Hubs: what is wrong with one before anybody is asked.
#ifndef SIGNINWATCH_DAEMON_DOCTOR_CONNECTION_STRING_H_
#define SIGNINWATCH_DAEMON_DOCTOR_CONNECTION_STRING_H_

#include <string>
#include <string_view>
#include <vector>

namespace signinwatch::doctor {

// One sentence, with what to do and without anything secret; empty: nothing is wrong. `brokers` and
// `topics` are what it is used for.
[[nodiscard]] std::string ConnectionStringFault(std::string_view text, std::string_view brokers,
                                                const std::vector<std::string>& topics);

}  // namespace signinwatch::doctor

#endif  // SIGNINWATCH_DAEMON_DOCTOR_CONNECTION_STRING_H_
