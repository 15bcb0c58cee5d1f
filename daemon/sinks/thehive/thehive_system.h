// Tickets as alerts of TheHive 5, by (type, source, sourceRef), which is unique there.
//
//   made            POST alert; 400 may say that it is there already, so then it is looked for
//   read            GET alert/ID
//   changed         PATCH alert/ID
//   closed, opened  PATCH alert/ID: status `closed_status`, or New
//
// An alert that became a case (stage Imported), or was closed with another status, is a person's.
#ifndef SIGNINWATCH_DAEMON_SINKS_THEHIVE_THEHIVE_SYSTEM_H_
#define SIGNINWATCH_DAEMON_SINKS_THEHIVE_THEHIVE_SYSTEM_H_

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

class TheHiveSystem : public TicketSystem {
 public:
  TheHiveSystem(const config::SinkConfig& config, const SinkParts& parts);

  [[nodiscard]] SystemTraits traits() const override {
    return {.unique_keys = true, .reads = true};
  }
  [[nodiscard]] Answer Ready() override { return http_.Ready(4); }

  [[nodiscard]] Answer Create(const Telling& telling, Made* made) override;
  [[nodiscard]] Answer Read(const Known& known, Seen* seen) override;
  [[nodiscard]] RemoteFields Fields(const Telling& telling) const override;
  [[nodiscard]] Answer Update(const Telling& telling, RemoteHandle* handle) override;
  [[nodiscard]] Answer Resolve(const Telling& telling, RemoteHandle* handle) override;
  [[nodiscard]] Answer Reopen(const Telling& telling, RemoteHandle* handle) override;
  // A second one of a key is refused: it is looked for then.
  [[nodiscard]] Answer Find(const Telling& /*telling*/, std::vector<Seen>* /*found*/) override {
    return {};
  }
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
  [[nodiscard]] Answer Send(const std::string& method, const std::string& path, std::string body,
                            const RequestMeaning& meaning, http_client::HttpResponse* response);
  // `fields` by name, and the status if it is not empty.
  [[nodiscard]] Answer Patch(const RemoteHandle& handle, const RemoteFields& fields,
                             const std::string& status);
  // Of the alert with the key: kRefused if there is none.
  [[nodiscard]] Answer LookUp(const std::string& key, RemoteHandle* handle);
  [[nodiscard]] RemoteHandle HandleOf(const std::string& id) const;
  // So much of the text that the reference is seen.
  [[nodiscard]] RemoteFields Reference(const Telling& telling) const;

  const std::string url_;
  const config::SecretRef token_;
  const std::string closed_status_;
  const MessageWording wording_;
  const clock::Clock& clock_;
  SystemHttp http_;
};

[[nodiscard]] TicketSinkOr MakeTheHiveSink(const config::SinkConfig& config,
                                           const SinkParts& parts);

}  // namespace signinwatch::sinks

#endif  // SIGNINWATCH_DAEMON_SINKS_THEHIVE_THEHIVE_SYSTEM_H_
