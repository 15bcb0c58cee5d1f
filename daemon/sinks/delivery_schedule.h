// Which deliveries of one sink may be tried now. Pure: time is an input, chance is seeded.
//
//   DeliverySchedule schedule({.backoff_min = ..., .seed = ...});
//   while (schedule.HasRoomFor(1)) schedule.Add(next delivery of the outbox, now);
//   std::vector<Delivery> batch = schedule.Take(now, sink.batch_max());
//   std::vector<DeliveryOutcome> over = schedule.Finish(std::move(batch), sink.Send(batch), now);
//
// The rules:
//   - Order: of one ticket, one delivery is under way or waiting at a time, and none is overtaken
//     by a later revision.
//   - A ticket waits for those that it names, its parent for example, until their first revision
//     is delivered or refused, or has failed kHeldFailures times in a row.
//   - A delivery that fails for a time is tried again, for ever; that the outbox stays bounded is
//     the store's business. The n-th wait in a row is drawn evenly from backoff_min to the lesser
//     of backoff_min * 2^n and backoff_max, so that failures that came together do not come
//     together again; or it is what the other side asked for, if that is longer.
//   - With `leaves_out`: while a newer revision of the ticket waits, an older one is not sent, but
//   for
//     the first and those that change state or reopened. It is over when the newer one is.
//   - With flap_after: a resolution of a ticket that flaps is held back for an hour after its
//   commit,
//     and left out once another revision comes (flap_damper.h).
//   - A delivery that waits (SendResult::Kind::kWaits) has not failed: it comes again after the
//     time that it asks for, and with sink_down everything waits so long.
//   - A sink that is down (SendResult::IsOutage) is left alone in the same way (circuit_breaker.h),
//     and then tried with a single delivery until one gets an answer of its own.
//   - Most severe first, by the worst of what waits of a ticket; of equals, first come, first
//     served: what has failed comes again when its wait is over, behind what was there by then.
//     While the sink is down they take turns, whatever their severity, and a ticket that brought it
//     down twice in a row goes behind all others: so no ticket keeps the others from a sink. What
//     was begun and interrupted by a wait of the whole sink goes before all.
//   - At most rate_per_second deliveries a second are taken, and a second's worth at once.
//   - Memory: HasRoomFor says no beyond window_max deliveries or window_bytes_max of JSON, those
//     that are to be acknowledged not counted.
#ifndef SIGNINWATCH_DAEMON_SINKS_DELIVERY_SCHEDULE_H_
#define SIGNINWATCH_DAEMON_SINKS_DELIVERY_SCHEDULE_H_

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <random>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "daemon/sinks/circuit_breaker.h"
#include "daemon/sinks/flap_damper.h"
#include "daemon/sinks/ticket_sink.h"
#include "daemon/store/outbox.h"
#include "parser/event_time.h"

namespace signinwatch::sinks {

class DeliverySchedule {
 public:
  using Time = std::chrono::steady_clock::time_point;
  static constexpr int kHeldFailures = 5;  // about a minute by the default back-off

  struct Options {
    Duration backoff_min = std::chrono::seconds(1);
    Duration backoff_max = std::chrono::minutes(5);
    double rate_per_second = 0;  // 0: no limit
    size_t window_max = 5'000;
    size_t window_bytes_max = size_t{32} << 20;
    bool leaves_out = false;
    size_t flap_after = 0;  // see FlapDamper; only with leaves_out
    uint64_t seed = 0;
  };
  explicit DeliverySchedule(const Options& options);

  [[nodiscard]] bool HasRoomFor(size_t deliveries) const;
  // In the order of the outbox. `age`: since its commit.
  void Add(store::Delivery delivery, Time now, Duration age = Duration(0));

  // As if nothing had been added. Nothing is under way. What is known of the sink stays.
  void Forget();

  // At most `max` that may be tried now, each of another ticket. They are under way until Finish.
  [[nodiscard]] std::vector<store::Delivery> Take(Time now, size_t max);
  // One result for each that was taken. What is over and can be acknowledged.
  [[nodiscard]] std::vector<store::DeliveryOutcome> Finish(std::vector<store::Delivery> taken,
                                                           std::span<const SendResult> results,
                                                           Time now);

  // When Take may have something; nullopt: nothing waits, apart from what is under way.
  [[nodiscard]] std::optional<Time> NextTime(Time now) const;
  // Deliveries that have failed and are to be tried again, by SendResult::reason of the last time.
  [[nodiscard]] const std::map<std::string, uint64_t>& waiting() const { return waiting_; }
  [[nodiscard]] size_t waiting_retry() const;  // all of them
  [[nodiscard]] const CircuitBreaker& breaker() const { return breaker_; }
  [[nodiscard]] size_t size() const { return size_; }
  // Tickets whose resolution is held back, and how many were left out.
  [[nodiscard]] const std::set<std::string>& flapping() const { return flapping_; }
  [[nodiscard]] uint64_t damped() const { return damped_; }

 private:
  // When a ticket's first delivery may be tried, and its sequence.
  using Turn = std::pair<Time, int64_t>;
  // What waits of one ticket.
  struct Ticket {
    Turn turn = {};  // while it is in turns_
    std::deque<store::Delivery> waiting;
    // The sequence of one that is held back, and until when; -1: none is.
    int64_t held_sequence = -1;
    Time held_until{};
    int severity = -1;        // the worst of what it had to tell since it waits
    int outages = 0;          // that the first brought about, in a row
    bool goes_first = false;  // it was interrupted
    int failures = 0;         // of the first, in a row
    std::string reason;       // of the last of them
    bool under_way = false;
    bool needs_turn = false;        // what it had was that of one that was left out
    int64_t untold = -1;            // the sequence of revision 1 until it is over; -1: it is
    std::vector<std::string> held;  // tickets that wait for that
    // State and reopened of the last that was delivered while others waited; nullopt: none was.
    std::optional<std::pair<std::string, uint32_t>> told;
    std::vector<int64_t> left_out;  // sequences of those that were, until a newer one is over
  };
  using Tickets = std::map<std::string, Ticket>;

  [[nodiscard]] Duration Backoff(int failures);
  void ComeAgain(Tickets::iterator ticket, store::Delivery delivery, const SendResult& result,
                 Time now);
  void TryAgain(Tickets::iterator ticket, store::Delivery delivery, const SendResult& result,
                Time now);
  void MakeReady(Tickets::iterator ticket, Time when);
  void NoLongerWaits(const Ticket& ticket);
  // Whether the ticket waits for one that it names; it is then held by that.
  [[nodiscard]] bool Hold(Tickets::iterator ticket);
  void ReleaseHeld(Ticket& by, Time now);
  // The resolution that is held back is not told: another revision has come.
  void LeaveOutHeld(Tickets::iterator ticket, Time now);
  // The `max` turns that are due and come first.
  [[nodiscard]] std::vector<Tickets::iterator> Due(Time now, size_t max) const;
  // true: the first that waits is another now.
  bool LeaveOutSuperseded(Ticket* ticket);
  void Refill(Time now);

  const Options options_;
  std::mt19937_64 random_;
  Tickets tickets_;
  std::map<Turn, Tickets::iterator> turns_;
  size_t size_ = 0;                          // deliveries, those under way included
  size_t bytes_ = 0;                         // of their JSON
  std::map<std::string, uint64_t> waiting_;  // by reason; none is 0
  FlapDamper damper_;
  std::set<std::string> flapping_;
  uint64_t damped_ = 0;
  CircuitBreaker breaker_;
  Time paused_until_{};  // a delivery asked for it; nothing failed
  double tokens_;
  Time refilled_at_{};
};

}  // namespace signinwatch::sinks

#endif  // SIGNINWATCH_DAEMON_SINKS_DELIVERY_SCHEDULE_H_
