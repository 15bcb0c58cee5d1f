// `signinwatch sinks test`: a ticket that is marked as a test goes through its whole life at one
// sink: opened, updated, resolved. Beside a running daemon, whose store it does not know.
#ifndef SIGNINWATCH_DAEMON_REHEARSAL_SINK_TRIAL_H_
#define SIGNINWATCH_DAEMON_REHEARSAL_SINK_TRIAL_H_

#include <cstdio>
#include <functional>
#include <string>

#include "daemon/config/config.h"
#include "daemon/sinks/sink_parts.h"

namespace signinwatch::rehearsal {

struct SinkTrialOptions {
  std::string sink;
};

struct TrialWorld {
  http_client::HttpTransportMaker make_http;
  const clock::Clock& clock;
  std::string ticket_id;  // another one each time
  std::function<void(std::chrono::milliseconds)> wait;
  http_client::MailTransportMaker make_mail = http_client::NetworkMail();
};

// Says each step and what came of it. Waits for what the sink's budget or the other side asks for,
// five minutes in all. false: a step failed. What was opened is resolved all the same.
[[nodiscard]] bool TrySink(const config::Config& config, const config::SinkConfig& sink,
                           const TrialWorld& world,
                           const std::function<void(const std::string& line)>& say);

// Over the network. The exit code: 0 all went well, 1 a step failed, 2 there is no such sink.
[[nodiscard]] int RunSinkTrial(const config::Config& config, const SinkTrialOptions& options,
                               std::FILE* out, std::FILE* err);

}  // namespace signinwatch::rehearsal

#endif  // SIGNINWATCH_DAEMON_REHEARSAL_SINK_TRIAL_H_
