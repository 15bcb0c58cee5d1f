// A place that tickets are sent to. Delivery (delivery.h) decides what and when.
#ifndef SIGNINWATCH_DAEMON_SINKS_TICKET_SINK_H_
#define SIGNINWATCH_DAEMON_SINKS_TICKET_SINK_H_

#include <chrono>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "daemon/clock/clock.h"
#include "daemon/store/outbox.h"

namespace signinwatch::sinks {

// After an error of the store that what is sent is kept in.
inline constexpr std::chrono::seconds kStoreRetry{1};

// What became of one attempt to send one revision.
struct SendResult {
  enum class Kind : uint8_t {
    kDelivered,
    kTemporary,  // try again
    kPermanent,  // this revision will never be taken: do not
    kWaits,      // nothing was tried, and nothing failed: again after `retry_after`
  };
  Kind kind = Kind::kDelivered;
  std::string error = {};                    // without secrets
  std::chrono::milliseconds retry_after{0};  // asked for by the other side; 0: not
  // The other side is at fault, not this ticket (no connection, 429, 503): nothing else need be
  // tried before this has passed.
  bool sink_down = false;
  // Of kWaits with sink_down: a part of it was done. Where others may go on, it does so first.
  bool begun = false;
  std::string reason = {};  // of an error: a word for metrics
  // Of sinks that keep tickets (keeps_remote_tickets), with kDelivered and kPermanent: what is
  // known of this one there from now on.
  std::optional<store::RemoteTicket> remote = {};

  [[nodiscard]] bool IsOutage() const { return sink_down && kind != Kind::kWaits; }
};

// Used by one thread at a time, Cancel aside.
class TicketSink {
 public:
  virtual ~TicketSink() = default;
  // Sends the deliveries in order and returns one result each, within a deadline for each. After a
  // result with sink_down the rest may be returned as kTemporary without an attempt.
  [[nodiscard]] virtual std::vector<SendResult> Send(
      std::span<const store::Delivery> deliveries) = 0;
  // So many at once are worth while.
  [[nodiscard]] virtual size_t batch_max() const = 0;
  // Its results say what is known of tickets there. Then each is acknowledged before the next
  // delivery is sent, so that the sink finds in the outbox what it has said.
  [[nodiscard]] virtual bool keeps_remote_tickets() const { return false; }
  // A revision need not be sent while a newer one waits (DeliverySchedule::Options::leaves_out).
  [[nodiscard]] virtual bool leaves_out_superseded() const { return false; }
  // What it has to do though nothing is to be sent (an alert to be said again, ...): a bounded
  // piece of work. When to call again, at the latest; it is also called after each Send.
  [[nodiscard]] virtual clock::SteadyTime Tend(clock::Instant now) {
    (void)now;
    return clock::SteadyTime::max();
  }
  // Other tickets are its to tell now: what it remembers of those that it told is read anew.
  virtual void ForgetAll() {}
  // Asks the other side whether it would take tickets, by its log-in above all, and leaves nothing
  // behind there. What it said, for people; empty: there is nothing that can be asked. An error:
  // why it would not, without secrets.
  [[nodiscard]] virtual absl::StatusOr<std::string> Ask() { return std::string(); }
  // From any thread: a Send that waits returns soon, and later ones at once. What was under way
  // then may have been sent or not, and is kTemporary.
  virtual void Cancel() {}
};

}  // namespace signinwatch::sinks

#endif  // SIGNINWATCH_DAEMON_SINKS_TICKET_SINK_H_
