// Tickets as messages in a Slack channel, one each, changed in place (chat.update), by a bot.
//
//   made      chat.postMessage, with metadata: the ticket's id and revision
//   found     conversations.history by that metadata; only where an answer was lost
//   changed   chat.update in the channel of the answer; resolved, merged and reopened are texts
//   a copy    chat.delete
//
// A message that somebody deleted, or that can't be changed any more, is posted anew. 429 stops the
// method that it was said of, and no other. RemoteHandle::id is the message's `ts`, memo the
// channel's id.
#ifndef SIGNINWATCH_DAEMON_SINKS_SLACK_SLACK_SYSTEM_H_
#define SIGNINWATCH_DAEMON_SINKS_SLACK_SLACK_SYSTEM_H_

#include <string>
#include <vector>

#include "daemon/clock/clock.h"
#include "daemon/config/serve_config.h"
#include "daemon/json/json_value.h"
#include "daemon/sinks/sink_parts.h"
#include "daemon/sinks/system_http.h"
#include "daemon/sinks/ticket_message.h"
#include "daemon/sinks/ticket_system.h"

namespace signinwatch::sinks {

class SlackSystem : public TicketSystem {
 public:
  SlackSystem(const config::SinkConfig& config, const SinkParts& parts);

  [[nodiscard]] SystemTraits traits() const override {
    return {.finds = true, .finds_only_lost = true, .made_anew_when_gone = true};
  }
  [[nodiscard]] Answer Ready() override { return http_.Ready(1); }

  [[nodiscard]] Answer Create(const Telling& telling, Made* made) override;
  [[nodiscard]] Answer Find(const Telling& telling, std::vector<Seen>* found) override;
  [[nodiscard]] Answer Update(const Telling& telling, RemoteHandle* handle) override;
  [[nodiscard]] Answer CloseTwin(const Telling& telling, const RemoteHandle& twin,
                                 const RemoteHandle& stays) override;
  // The text has said it by then.
  [[nodiscard]] Answer Resolve(const Telling& /*telling*/, RemoteHandle* /*handle*/) override {
    return {};
  }
  [[nodiscard]] Answer Reopen(const Telling& /*telling*/, RemoteHandle* /*handle*/) override {
    return {};
  }
  // Nobody but the bot can change its messages, and there are no notes.
  [[nodiscard]] Answer Read(const Known& /*known*/, Seen* /*seen*/) override { return {}; }
  [[nodiscard]] RemoteFields Fields(const Telling& /*telling*/) const override { return {}; }
  [[nodiscard]] Answer FindNote(const Telling& /*telling*/, const RemoteHandle& /*handle*/,
                                bool* /*found*/) override {
    return {};
  }
  [[nodiscard]] Answer AddNote(const Telling& /*telling*/,
                               const RemoteHandle& /*handle*/) override {
    return {};
  }
  [[nodiscard]] Answer Ask(std::string* said) override;
  void Cancel() override { http_.Cancel(); }

 private:
  // Sends it to the method, unless that has a pause. `document`: the answer's body.
  [[nodiscard]] Answer Call(const std::string& method, http_client::HttpCall call,
                            json::JsonDocument* document);
  [[nodiscard]] Answer Post(const std::string& method, std::string body,
                            json::JsonDocument* document);

  const std::string url_;
  const config::SecretRef token_;
  const std::string channel_;
  const MessageWording wording_;
  const clock::Clock& clock_;
  SystemHttp http_;
};

[[nodiscard]] TicketSinkOr MakeSlackSink(const config::SinkConfig& config, const SinkParts& parts);

}  // namespace signinwatch::sinks

#endif  // SIGNINWATCH_DAEMON_SINKS_SLACK_SLACK_SYSTEM_H_
