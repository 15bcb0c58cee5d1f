// Tickets as alerts of Alertmanager (API v2), by their labels: sent again it is the same alert.
//
//   made, changed   POST alerts: it fires until three times `resend` from now
//   closed          POST alerts: it ended now
//
// Alertmanager forgets what it is not told again, and instances of a cluster do not pass alerts on.
// So each alert goes to each instance (a peer); once one has taken it the revision is told, and the
// others get it as soon as they can, by Tend, which also says all that fires again every `resend`.
// An end is said until each peer took it.
//
// What is said again is in memory, and comes from the outbox after a restart: what is open at this
// sink, and what ended while a peer owes its answer (RemoteHandle::memo is not empty then).
//
// Nobody closes an alert there: people silence it, which is theirs to do and to see.
#ifndef SIGNINWATCH_DAEMON_SINKS_ALERTMANAGER_ALERTMANAGER_SYSTEM_H_
#define SIGNINWATCH_DAEMON_SINKS_ALERTMANAGER_ALERTMANAGER_SYSTEM_H_

#include <chrono>
#include <map>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "daemon/clock/clock.h"
#include "daemon/config/serve_config.h"
#include "daemon/sinks/alertmanager/alert.h"
#include "daemon/sinks/sink_parts.h"
#include "daemon/sinks/system_http.h"
#include "daemon/sinks/ticket_message.h"
#include "daemon/sinks/ticket_system.h"

namespace signinwatch::sinks {

class AlertmanagerSystem : public TicketSystem {
 public:
  AlertmanagerSystem(const config::SinkConfig& config, const SinkParts& parts);

  [[nodiscard]] SystemTraits traits() const override { return {.unique_keys = true}; }
  [[nodiscard]] Answer Ready() override;

  [[nodiscard]] Answer Create(const Telling& telling, Made* made) override;
  // Of a revision that is resolved or merged: the text and the end are one request.
  [[nodiscard]] Answer Update(const Telling& telling, RemoteHandle* handle) override;
  [[nodiscard]] Answer Resolve(const Telling& telling, RemoteHandle* handle) override;
  [[nodiscard]] Answer Reopen(const Telling& telling, RemoteHandle* handle) override;
  [[nodiscard]] clock::SteadyTime Tend(clock::Instant now) override;
  void ForgetAll() override;
  [[nodiscard]] Answer Ask(std::string* said) override;
  void Cancel() override { http_.Cancel(); }

  // An alert is made anew by the same request, and nothing of it is people's to change.
  [[nodiscard]] RemoteFields Fields(const Telling& /*telling*/) const override { return {}; }
  [[nodiscard]] Answer Find(const Telling& /*telling*/, std::vector<Seen>* /*found*/) override {
    return {};
  }
  [[nodiscard]] Answer Read(const Known& /*known*/, Seen* /*seen*/) override { return {}; }
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

 private:
  struct Peer {
    std::string url;
    size_t number = 0;                     // in the configuration, from 1 on: for the log
    std::set<std::string> owed = {};       // tickets whose alerts it has still to be told
    clock::SteadyTime rests_until{};       // nothing is sent to it before
    std::chrono::milliseconds backoff{0};  // 0: it took what it was sent last
  };

  // To every peer that does not rest. Done: one of them took it, the others owe.
  [[nodiscard]] Answer Tell(const Telling& telling, bool ends, RemoteHandle* handle);
  // What Tell has to say of answers none of which was good.
  [[nodiscard]] Answer NobodyTook(const std::vector<Answer>& answers) const;
  [[nodiscard]] Answer Post(Peer& peer, std::span<const Alert* const> alerts);
  // Of a peer: a batch of what it is owed. When it is to be asked again.
  clock::SteadyTime Pay(Peer& peer);
  [[nodiscard]] bool IsOwed(const std::string& ticket_id) const;
  [[nodiscard]] bool Rests(const Peer& peer) const { return peer.rests_until > clock_.Steady(); }
  [[nodiscard]] std::chrono::milliseconds RestLeft() const;  // of the peer that is up first
  // An alert that ended and that each peer took.
  void Forget(const std::string& ticket_id);
  void KeepEndsInBounds();
  // What was told before this process; once.
  [[nodiscard]] bool Load();

  const std::string sink_;
  const Duration resend_;
  const std::chrono::milliseconds backoff_min_;
  const std::chrono::milliseconds backoff_max_;
  const MessageWording wording_;
  const clock::Clock& clock_;
  store::Outbox& outbox_;
  SystemHttp http_;

  std::vector<Peer> peers_;
  std::map<std::string, Alert> alerts_;  // by ticket: what fires, and ends that a peer is owed
  std::pair<std::string, bool> told_;    // last: the reference, and whether it ended
  clock::SteadyTime round_at_{};         // then all that fires is said again
  bool is_loaded_ = false;
};

[[nodiscard]] TicketSinkOr MakeAlertmanagerSink(const config::SinkConfig& config,
                                                const SinkParts& parts);

}  // namespace signinwatch::sinks

#endif  // SIGNINWATCH_DAEMON_SINKS_ALERTMANAGER_ALERTMANAGER_SYSTEM_H_
