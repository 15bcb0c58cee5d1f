// Tickets as cards in a Teams channel, by a workflow that is triggered by a webhook: one message
// for the first revision and one for each change that matters, since none can be changed.
//
// The URL is read anew for each request, and is a secret: it stands in no error and no log. 202
// says that the workflow has started and no more; a lost answer is told again, with the same
// content.
#ifndef SIGNINWATCH_DAEMON_SINKS_TEAMS_TEAMS_SYSTEM_H_
#define SIGNINWATCH_DAEMON_SINKS_TEAMS_TEAMS_SYSTEM_H_

#include <vector>

#include "daemon/config/serve_config.h"
#include "daemon/sinks/sink_parts.h"
#include "daemon/sinks/system_http.h"
#include "daemon/sinks/ticket_message.h"
#include "daemon/sinks/ticket_system.h"

namespace signinwatch::sinks {

class TeamsSystem : public MessageSystem {
 public:
  TeamsSystem(const config::SinkConfig& config, const SinkParts& parts);

  [[nodiscard]] Answer Ready() override { return http_.Ready(1); }
  [[nodiscard]] Answer Create(const Telling& telling, Made* made) override;
  void Cancel() override { http_.Cancel(); }

 private:
  const config::SecretRef url_;
  const MessageWording wording_;
  const clock::Clock& clock_;
  SystemHttp http_;
};

[[nodiscard]] TicketSinkOr MakeTeamsSink(const config::SinkConfig& config, const SinkParts& parts);

}  // namespace signinwatch::sinks

#endif  // SIGNINWATCH_DAEMON_SINKS_TEAMS_TEAMS_SYSTEM_H_
