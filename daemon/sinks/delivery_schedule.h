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
//   - A delivery that waits (SendResult::Kind::kWaits) has not failed: it comes again after the
//     time that it asks for, and with sink_down everything waits so long.
//   - A sink that is down (SendResult::IsOutage) is left alone in the same way, and then tried
//     with a single delivery until one gets an answer of its own.
//   - First come, first served: what has failed comes again when its wait is over, behind what was
//     there by then. So one ticket that brings the sink down again and again does not keep the
//     others from it, and new ones do not keep it from its turn.
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
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "daemon/sinks/ticket_sink.h"
#include "daemon/store/outbox.h"
#include "parser/event_time.h"

namespace signinwatch {

class DeliverySchedule {
 public:
  using Time = std::chrono::steady_clock::time_point;
  static constexpr int kHeldFailures = 5;  // about a minute by the default back-off

  struct Options {
    Duration backoff_min = std::chrono::seconds(1);
    Duration backoff_max = std::chrono::minutes(5);
    double rate_per_second = 0;  // 0: no limit
    size_t window_max = 1'000;
    size_t window_bytes_max = size_t{32} << 20;
    bool leaves_out = false;
    uint64_t seed = 0;
  };
  explicit DeliverySchedule(const Options& options);

  [[nodiscard]] bool HasRoomFor(size_t deliveries) const;
  // In the order of the outbox.
  void Add(Delivery delivery, Time now);

  // As if nothing had been added. Nothing is under way. What is known of the sink stays.
  void Forget();

  // At most `max` that may be tried now, each of another ticket. They are under way until Finish.
  [[nodiscard]] std::vector<Delivery> Take(Time now, size_t max);
  // One result for each that was taken. What is over and can be acknowledged.
  [[nodiscard]] std::vector<DeliveryOutcome> Finish(std::vector<Delivery> taken,
                                                    std::span<const SendResult> results, Time now);

  // When Take may have something; nullopt: nothing waits, apart from what is under way.
  [[nodiscard]] std::optional<Time> NextTime(Time now) const;
  // Deliveries that have failed and are to be tried again, by SendResult::reason of the last time.
  [[nodiscard]] const std::map<std::string, uint64_t>& waiting() const { return waiting_; }
  [[nodiscard]] size_t waiting_retry() const;  // all of them
  [[nodiscard]] bool down() const { return downs_ > 0; }
  [[nodiscard]] size_t size() const { return size_; }

 private:
  // What waits of one ticket.
  struct Ticket {
    std::deque<Delivery> waiting;
    int failures = 0;    // of the first, in a row
    std::string reason;  // of the last of them
    bool under_way = false;
    int64_t untold = -1;            // the sequence of revision 1 until it is over; -1: it is
    std::vector<std::string> held;  // tickets that wait for that
    // State and reopened of the last that was delivered while others waited; nullopt: none was.
    std::optional<std::pair<std::string, uint32_t>> told;
    std::vector<int64_t> left_out;  // sequences of those that were, until a newer one is over
  };
  using Tickets = std::map<std::string, Ticket>;
  // When a ticket's first delivery may be tried, and its sequence.
  using Turn = std::pair<Time, int64_t>;

  [[nodiscard]] Duration Backoff(int failures);
  void ComeAgain(Tickets::iterator ticket, Delivery delivery, const SendResult& result, Time now);
  void TryAgain(Tickets::iterator ticket, Delivery delivery, const SendResult& result, Time now);
  void MakeReady(Tickets::iterator ticket, Time when);
  void NoLongerWaits(const Ticket& ticket);
  // Whether the ticket waits for one that it names; it is then held by that.
  [[nodiscard]] bool Hold(Tickets::iterator ticket);
  void ReleaseHeld(Ticket& by, Time now);
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
  int downs_ = 0;                            // in a row
  Time down_until_{};
  double tokens_;
  Time refilled_at_{};
};

}  // namespace signinwatch

#endif  // SIGNINWATCH_DAEMON_SINKS_DELIVERY_SCHEDULE_H_
