// What is between a sink and its other side: the place where faults happen, and where what passes
// is looked at, whatever system it is.
//
//   Wire wire(clock);
//   wire.Arm({.call = CallFault::kLostAnswer}, 2);    // of the request number 2 from now on
//   parts.make_http = wire.HttpTo(&stand_in);
//   ... wire.fired(), wire.Carried(ticket_id) ...
//
// Of each request that was carried out it is known of which revisions it speaks. An older one after
// a newer one of its ticket fails the test, and so does a request within a pause that was asked
// for.
#ifndef SIGNINWATCH_TESTS_DAEMON_SINKS_CONFORMANCE_WIRE_H_
#define SIGNINWATCH_TESTS_DAEMON_SINKS_CONFORMANCE_WIRE_H_

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "daemon/clock/clock.h"
#include "daemon/http_client/http_client.h"
#include "daemon/http_client/kept_connection.h"
#include "daemon/http_client/mail_client.h"
#include "daemon/kafka/kafka_producer.h"
#include "daemon/store/outbox.h"
#include "tests/daemon/sinks/stand_in.h"

namespace signinwatch::sinks {

// Where the process may be killed beside its requests.
enum class StoreKill { kNone, kBeforeIntent, kAfterIntent, kBeforeOutcome, kAfterOutcome };

struct WireFault {
  CallFault call = CallFault::kNone;
  StoreKill kill = StoreKill::kNone;
};

// A ticket of ours and a revision.
using Reference = std::pair<std::string, uint32_t>;
// Those that a text has: "ID/3", a Message-ID "<ID.3@...>", or both as fields beside each other.
[[nodiscard]] std::vector<Reference> ReferencesIn(std::string_view text);

class Wire {
 public:
  explicit Wire(const clock::Clock& clock) : clock_(clock) {}

  // Of those to come that it may happen to, the one number `at`, counted from 0.
  void Arm(const WireFault& fault, int at) {
    fault_ = fault;
    left_ = at;
  }
  // Whether it has happened. None is armed any more.
  [[nodiscard]] bool Disarm();
  // The process has begun anew: it can't know what it was asked for.
  void ForgetPauses() { paused_until_.clear(); }
  // What came before may come again behind newer ones.
  void AllowCopies() { copies_ = true; }

  [[nodiscard]] http_client::HttpTransportMaker HttpTo(HttpStandIn* system);
  // What came is appended to *taken.
  [[nodiscard]] http_client::MailTransportMaker MailTo(std::vector<std::string>* taken);
  [[nodiscard]] std::unique_ptr<http_client::KeptConnection> ConnectTo(
      std::vector<std::string>* taken);
  [[nodiscard]] std::unique_ptr<kafka::KafkaProducer> ProduceTo(std::vector<std::string>* taken);

  // By the parts above.
  [[nodiscard]] CallFault NextCall();
  [[nodiscard]] bool KillsHere(StoreKill kill);
  void Carry(std::string_view text);
  absl::StatusOr<http_client::HttpResponse> Http(HttpStandIn* system,
                                                 const http_client::HttpCall& call);
  absl::StatusOr<http_client::MailReply> Mail(std::vector<std::string>* taken,
                                              const http_client::MailCall& mail);
  absl::Status Write(std::vector<std::string>* taken, std::string_view bytes);

 private:
  [[nodiscard]] bool IsDue();

  const clock::Clock& clock_;
  WireFault fault_;
  int left_ = -1;
  bool copies_ = false;
  std::map<std::string, uint32_t> carried_;                // the newest revision, by ticket
  std::map<std::string, clock::SteadyTime> paused_until_;  // by part
};

// The store's outbox, and a process that may be killed around each of its writes.
class KillingOutbox : public store::Outbox {
 public:
  KillingOutbox(store::Outbox* outbox, Wire* wire) : outbox_(*outbox), wire_(*wire) {}

  absl::Status NextDeliveries(const std::string& sink, int64_t after, size_t limit,
                              std::vector<store::Delivery>* deliveries) override {
    return outbox_.NextDeliveries(sink, after, limit, deliveries);
  }
  absl::Status Acknowledge(const std::string& sink,
                           std::span<const store::DeliveryOutcome> outcomes,
                           EventTime now) override {
    return Write(StoreKill::kBeforeOutcome, StoreKill::kAfterOutcome,
                 [&] { return outbox_.Acknowledge(sink, outcomes, now); });
  }
  absl::Status NoteRemote(const store::RemoteTicket& remote) override {
    return Write(StoreKill::kBeforeIntent, StoreKill::kAfterIntent,
                 [&] { return outbox_.NoteRemote(remote); });
  }
  absl::Status RemoteTickets(const std::string& sink, const std::string& ticket_id,
                             std::vector<store::RemoteTicket>* remotes) override {
    return outbox_.RemoteTickets(sink, ticket_id, remotes);
  }
  absl::Status ToldTickets(const std::string& sink, std::vector<store::ToldTicket>* told) override {
    return outbox_.ToldTickets(sink, told);
  }
  absl::Status RolledUpUnder(const std::string& sink, const std::string& ticket_id, EventTime as_of,
                             store::RolledUp* rolled_up) override {
    return outbox_.RolledUpUnder(sink, ticket_id, as_of, rolled_up);
  }
  absl::Status FailedDeliveries(size_t limit, std::vector<store::FailedDelivery>* failed) override {
    return outbox_.FailedDeliveries(limit, failed);
  }
  absl::Status OutboxSizes(std::vector<store::OutboxSize>* sizes) override {
    return outbox_.OutboxSizes(sizes);
  }
  absl::StatusOr<uint64_t> ClaimsVersion(clock::SteadyTime now) override {
    return outbox_.ClaimsVersion(now);
  }
  [[nodiscard]] std::vector<std::pair<std::string, uint64_t>> dropped_deliveries() const override {
    return outbox_.dropped_deliveries();
  }

 private:
  template <typename Work>
  absl::Status Write(StoreKill before, StoreKill after, Work work) {
    if (wire_.KillsHere(before)) throw Killed();
    absl::Status status = work();
    if (wire_.KillsHere(after)) throw Killed();
    return status;
  }

  store::Outbox& outbox_;
  Wire& wire_;
};

}  // namespace signinwatch::sinks

#endif  // SIGNINWATCH_TESTS_DAEMON_SINKS_CONFORMANCE_WIRE_H_
