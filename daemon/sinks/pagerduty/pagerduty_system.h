// Tickets as alerts of PagerDuty (Events API v2), by their dedup_key: sent again it is the same
// alert.
//
//   made, changed   trigger
//   closed          resolve
//   read            with an api_token: GET incidents by incident_key (REST API), by which is seen
//   that
//                   a person resolved it
//
// An event is taken asynchronously (202): what was triggered may not be found for some time. So
// RemoteHandle::memo is the id of the newest incident of the key that was over when another was
// begun, behind the ticket's id ("ID NEWEST"): while that is the newest there is, it says nothing
// of the one that is to come.
//
// The Events and the REST API have limits of their own: 429 of the one does not hold up the other.
#ifndef SIGNINWATCH_DAEMON_SINKS_PAGERDUTY_PAGERDUTY_SYSTEM_H_
#define SIGNINWATCH_DAEMON_SINKS_PAGERDUTY_PAGERDUTY_SYSTEM_H_

#include <string>
#include <vector>

#include "daemon/clock/clock.h"
#include "daemon/config/serve_config.h"
#include "daemon/sinks/sink_parts.h"
#include "daemon/sinks/system_http.h"
#include "daemon/sinks/ticket_message.h"
#include "daemon/sinks/ticket_system.h"

namespace signinwatch::sinks {

class PagerDutySystem : public TicketSystem {
 public:
  PagerDutySystem(const config::SinkConfig& config, const SinkParts& parts);

  [[nodiscard]] SystemTraits traits() const override {
    return {.unique_keys = true, .reads = !api_token_.empty(), .silent_when_closed = true};
  }
  [[nodiscard]] Answer Ready() override { return http_.Ready(api_token_.empty() ? 2 : 4); }

  [[nodiscard]] Answer Create(const Telling& telling, Made* made) override;
  [[nodiscard]] Answer Read(const Known& known, Seen* seen) override;
  [[nodiscard]] Answer Update(const Telling& telling, RemoteHandle* handle) override;
  [[nodiscard]] Answer Resolve(const Telling& telling, RemoteHandle* handle) override;
  [[nodiscard]] Answer Reopen(const Telling& telling, RemoteHandle* handle) override;
  // An alert is made anew by the same request, and its texts are not people's to change.
  [[nodiscard]] Answer Find(const Telling& /*telling*/, std::vector<Seen>* /*found*/) override {
    return {};
  }
  [[nodiscard]] RemoteFields Fields(const Telling& /*telling*/) const override { return {}; }
  [[nodiscard]] Answer FindNote(const Telling& /*telling*/, const RemoteHandle& /*handle*/,
                                bool* /*found*/) override {
    return {};
  }
  [[nodiscard]] Answer AddNote(const Telling& /*telling*/,
                               const RemoteHandle& /*handle*/) override {
    return {};
  }
  [[nodiscard]] Answer CloseTwin(const Telling& /*telling*/, const RemoteHandle& /*twin*/,
                                 const RemoteHandle& /*stays*/) override {
    return {};
  }
  [[nodiscard]] Answer Ask(std::string* said) override;
  void Cancel() override { http_.Cancel(); }

 private:
  struct Incidents {
    bool any_open = false;
    std::string newest;  // its id; empty: there is none
  };

  [[nodiscard]] Answer Trigger(const Telling& telling);
  [[nodiscard]] Answer SendEvent(std::string event);
  [[nodiscard]] Answer ReadIncidents(const std::string& ticket_id, Incidents* incidents);
  // Before another incident is begun under the key.
  [[nodiscard]] Answer NoteNewest(const Telling& telling, std::string* memo);

  const std::string url_;
  const std::string api_url_;
  const config::SecretRef routing_key_;
  const config::SecretRef api_token_;
  const MessageWording wording_;
  const clock::Clock& clock_;
  SystemHttp http_;
  // What was told last: a trigger that opens again is the update too.
  std::string told_;
};

[[nodiscard]] TicketSinkOr MakePagerDutySink(const config::SinkConfig& config,
                                             const SinkParts& parts);

}  // namespace signinwatch::sinks

#endif  // SIGNINWATCH_DAEMON_SINKS_PAGERDUTY_PAGERDUTY_SYSTEM_H_
