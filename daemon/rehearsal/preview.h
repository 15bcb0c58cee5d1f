// What a sink would send of a ticket: title and text in plain words, then its requests in their
// order, as if each went well and nothing was there before. Nothing is sent, and no secret is read:
// where one stands is said.
#ifndef SIGNINWATCH_DAEMON_REHEARSAL_PREVIEW_H_
#define SIGNINWATCH_DAEMON_REHEARSAL_PREVIEW_H_

#include <string>

#include "absl/status/statusor.h"
#include "daemon/config/config.h"
#include "daemon/store/outbox.h"

namespace signinwatch::rehearsal {

// For people: lines, without harmful characters. `json`: a revision of the ticket. An error: the
// sink can't be made by its configuration.
[[nodiscard]] absl::StatusOr<std::string> PreviewTicket(const config::SinkConfig& sink,
                                                        const std::string& json,
                                                        const store::RolledUp& rolled_up);

// nullptr: there is none, and *fault names those that there are.
[[nodiscard]] const config::SinkConfig* FindSink(const config::Config& config,
                                                 const std::string& name, std::string* fault);

}  // namespace signinwatch::rehearsal

#endif  // SIGNINWATCH_DAEMON_REHEARSAL_PREVIEW_H_
