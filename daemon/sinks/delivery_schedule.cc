#include "daemon/sinks/delivery_schedule.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

namespace signinwatch::sinks {
namespace {

// A ticket that brought the sink down so often in a row goes behind the others.
constexpr int kOutagesMost = 2;

}  // namespace

DeliverySchedule::DeliverySchedule(const Options& options)
    : options_(options),
      random_(options.seed),
      damper_(options.leaves_out ? options.flap_after : 0),
      tokens_(std::max(1.0, options.rate_per_second)) {}

bool DeliverySchedule::HasRoomFor(size_t deliveries) const {
  return size_ + deliveries <= options_.window_max && bytes_ < options_.window_bytes_max;
}

void DeliverySchedule::Add(store::Delivery delivery, Time now, Duration age) {
  ++size_;
  bytes_ += delivery.json.size();
  const auto [ticket, is_new] = tickets_.try_emplace(delivery.ticket_id);
  if (delivery.revision == 1) ticket->second.untold = delivery.sequence;
  ticket->second.severity =
      std::max(ticket->second.severity, store::SeverityRank(delivery.severity));
  const Duration held = damper_.Note(delivery) - age;
  if (ticket->second.held_sequence >= 0) LeaveOutHeld(ticket, now);
  if (held > Duration(0)) {
    ticket->second.held_sequence = delivery.sequence;
    ticket->second.held_until = now + held;
    flapping_.insert(delivery.ticket_id);
  }
  ticket->second.waiting.push_back(std::move(delivery));
  if (std::exchange(ticket->second.needs_turn, false) || is_new) MakeReady(ticket, now);
}

void DeliverySchedule::LeaveOutHeld(Tickets::iterator ticket, Time now) {
  Ticket& of = ticket->second;
  const int64_t sequence = std::exchange(of.held_sequence, -1);
  flapping_.erase(ticket->first);
  // It is the last that waits, if its hour is not over.
  if (now >= of.held_until || of.waiting.empty() || of.waiting.back().sequence != sequence) return;
  const bool has_turn = of.waiting.size() == 1 && turns_.erase(of.turn) > 0;
  of.left_out.push_back(sequence);
  --size_;
  bytes_ -= of.waiting.back().json.size();
  of.waiting.pop_back();
  damper_.NoteLeftOut(ticket->first);
  ++damped_;
  of.needs_turn = has_turn;
}

void DeliverySchedule::Forget() {
  tickets_.clear();
  turns_.clear();
  waiting_.clear();
  flapping_.clear();
  size_ = 0;
  bytes_ = 0;
}

void DeliverySchedule::MakeReady(Tickets::iterator ticket, Time when) {
  if (Hold(ticket)) return;
  if (ticket->second.waiting.front().sequence == ticket->second.held_sequence) {
    when = std::max(when, ticket->second.held_until);
  }
  ticket->second.turn = Turn(when, ticket->second.waiting.front().sequence);
  turns_.emplace(ticket->second.turn, ticket);
}

bool DeliverySchedule::Hold(Tickets::iterator ticket) {
  const store::Delivery& next = ticket->second.waiting.front();
  for (const std::string* name : {&next.parent_ticket_id, &next.continues, &next.merged_into}) {
    const auto named = tickets_.find(*name);
    if (named == tickets_.end() || named == ticket) continue;
    Ticket& by = named->second;
    // What came later does not go before what it names; then nothing can wait in a circle.
    if (by.untold < 0 || by.untold > next.sequence || by.failures >= kHeldFailures) continue;
    by.held.push_back(ticket->first);
    return true;
  }
  return false;
}

void DeliverySchedule::ReleaseHeld(Ticket& by, Time now) {
  for (const std::string& id : std::exchange(by.held, {})) MakeReady(tickets_.find(id), now);
}

void DeliverySchedule::Refill(Time now) {
  if (now > refilled_at_) {
    const std::chrono::duration<double> seconds = now - refilled_at_;
    tokens_ = std::min(std::max(1.0, options_.rate_per_second),
                       tokens_ + seconds.count() * options_.rate_per_second);
  }
  refilled_at_ = now;
}

std::vector<DeliverySchedule::Tickets::iterator> DeliverySchedule::Due(Time now, size_t max) const {
  std::vector<Tickets::iterator> due;
  for (const auto& [turn, ticket] : turns_) {
    if (turn.first > now) break;
    due.push_back(ticket);
  }
  const auto rank = [](const Ticket& ticket) {
    if (ticket.goes_first) return std::numeric_limits<int>::max();
    return ticket.outages >= kOutagesMost ? -1 : ticket.severity;
  };
  if (breaker_.outages() == 0) {
    std::stable_sort(due.begin(), due.end(),
                     [&](auto a, auto b) { return rank(a->second) > rank(b->second); });
  }
  due.resize(std::min(due.size(), max));
  return due;
}

std::vector<store::Delivery> DeliverySchedule::Take(Time now, size_t max) {
  std::vector<store::Delivery> taken;
  const CircuitBreaker::State state = breaker_.StateAt(now);
  if (state == CircuitBreaker::State::kOpen || now < paused_until_) return taken;
  if (state == CircuitBreaker::State::kHalfOpen) max = std::min<size_t>(max, 1);
  if (options_.rate_per_second > 0) {
    Refill(now);
    max = std::min(max, static_cast<size_t>(tokens_));
  }
  for (const Tickets::iterator next : Due(now, max)) {
    Ticket& ticket = next->second;
    turns_.erase(ticket.turn);
    if (ticket.failures > 0) NoLongerWaits(ticket);
    if (LeaveOutSuperseded(&ticket)) {
      ticket.failures = 0;  // were those of another
      if (Hold(next)) continue;
    }
    ticket.under_way = true;
    ticket.goes_first = false;
    if (ticket.waiting.front().sequence == ticket.held_sequence) {
      ticket.held_sequence = -1;
      flapping_.erase(next->first);
    }
    ticket.waiting.front().held_back = damper_.LeftOutOf(next->first);
    taken.push_back(std::move(ticket.waiting.front()));
    ticket.waiting.pop_front();
  }
  if (options_.rate_per_second > 0) tokens_ -= static_cast<double>(taken.size());
  return taken;
}

std::vector<store::DeliveryOutcome> DeliverySchedule::Finish(std::vector<store::Delivery> taken,
                                                             std::span<const SendResult> results,
                                                             Time now) {
  const auto down = std::find_if(results.begin(), results.end(),
                                 [](const SendResult& result) { return result.IsOutage(); });
  if (down != results.end()) {
    if (breaker_.outages() == 0) {
      ++tickets_.at(taken[static_cast<size_t>(down - results.begin())].ticket_id).outages;
    }
    breaker_.Open(now + std::max<Duration>(Backoff(breaker_.outages() + 1), down->retry_after));
  } else if (std::any_of(results.begin(), results.end(), [](const SendResult& result) {
               return result.kind != SendResult::Kind::kWaits;
             })) {
    breaker_.Close();
  }
  for (const SendResult& result : results) {
    if (result.kind == SendResult::Kind::kWaits && result.sink_down) {
      paused_until_ = std::max<Time>(paused_until_, now + result.retry_after);
    }
  }
  std::vector<store::DeliveryOutcome> over;
  for (size_t i = 0; i < taken.size(); ++i) {
    const auto ticket = tickets_.find(taken[i].ticket_id);
    ticket->second.under_way = false;
    if (results[i].kind == SendResult::Kind::kTemporary) {
      TryAgain(ticket, std::move(taken[i]), results[i], now);
      continue;
    }
    if (results[i].kind == SendResult::Kind::kWaits) {
      ComeAgain(ticket, std::move(taken[i]), results[i], now);
      continue;
    }
    const bool delivered = results[i].kind == SendResult::Kind::kDelivered;
    for (const int64_t sequence : std::exchange(ticket->second.left_out, {})) {
      over.push_back({.sequence = sequence});
    }
    if (delivered) ticket->second.told.emplace(taken[i].state, taken[i].reopened);
    over.push_back({taken[i].sequence,
                    delivered ? store::DeliveryOutcome::Kind::kDelivered
                              : store::DeliveryOutcome::Kind::kFailed,
                    delivered ? std::string() : results[i].error,
                    delivered ? std::string() : results[i].reason, results[i].remote});
    --size_;
    bytes_ -= taken[i].json.size();
    ticket->second.failures = 0;
    ticket->second.outages = 0;
    if (ticket->second.untold == taken[i].sequence) {
      ticket->second.untold = -1;
      ReleaseHeld(ticket->second, now);
    }
    if (ticket->second.waiting.empty()) {
      tickets_.erase(ticket);
    } else {
      MakeReady(ticket, now);
    }
  }
  return over;
}

bool DeliverySchedule::LeaveOutSuperseded(Ticket* ticket) {
  const size_t before = ticket->left_out.size();
  while (options_.leaves_out && ticket->told && ticket->waiting.size() > 1) {
    const store::Delivery& first = ticket->waiting.front();
    if (ticket->told != std::pair(first.state, first.reopened)) break;
    ticket->left_out.push_back(first.sequence);
    --size_;
    bytes_ -= first.json.size();
    ticket->waiting.pop_front();
  }
  return ticket->left_out.size() > before;
}

size_t DeliverySchedule::waiting_retry() const {
  size_t count = 0;
  for (const auto& [reason, waiting] : waiting_) count += waiting;
  return count;
}

void DeliverySchedule::NoLongerWaits(const Ticket& ticket) {
  const auto at = waiting_.find(ticket.reason);
  if (--at->second == 0) waiting_.erase(at);
}

void DeliverySchedule::ComeAgain(Tickets::iterator ticket, store::Delivery delivery,
                                 const SendResult& result, Time now) {
  // However short the wait, it is not a loop without one.
  constexpr std::chrono::milliseconds kWaitLeast{10};
  ticket->second.waiting.push_front(std::move(delivery));
  ticket->second.goes_first = result.begun && result.sink_down;
  if (ticket->second.failures > 0) ++waiting_[ticket->second.reason];
  MakeReady(ticket, std::max<Time>(now + std::max(result.retry_after, kWaitLeast),
                                   result.sink_down ? paused_until_ : now));
}

void DeliverySchedule::TryAgain(Tickets::iterator ticket, store::Delivery delivery,
                                const SendResult& result, Time now) {
  ticket->second.waiting.push_front(std::move(delivery));
  ticket->second.reason = result.reason.empty() ? "other" : result.reason;
  ++waiting_[ticket->second.reason];
  if (result.sink_down) {
    // The sink's fault: tried as soon as the sink is, and not counted against the ticket. But
    // `failures` says that it has been tried.
    ticket->second.failures = std::max(ticket->second.failures, 1);
    MakeReady(ticket, breaker_.open_until());
  } else {
    const Duration wait = Backoff(++ticket->second.failures);
    MakeReady(ticket, now + std::max<Duration>(wait, result.retry_after));
    if (ticket->second.failures >= kHeldFailures) ReleaseHeld(ticket->second, now);
  }
}

Duration DeliverySchedule::Backoff(int failures) {
  // Beyond 2^30 times a microsecond or more every cap is reached.
  const double most = std::min(
      static_cast<double>(options_.backoff_max.count()),
      std::ldexp(static_cast<double>(options_.backoff_min.count()), std::min(failures, 30)));
  const auto least = options_.backoff_min.count();
  std::uniform_int_distribution<int64_t> wait(least, std::max(least, static_cast<int64_t>(most)));
  return Duration(wait(random_));
}

std::optional<DeliverySchedule::Time> DeliverySchedule::NextTime(Time now) const {
  if (turns_.empty()) return std::nullopt;
  Time next = std::max(turns_.begin()->first.first, paused_until_);
  if (breaker_.outages() > 0) next = std::max<Time>(next, breaker_.open_until());
  if (options_.rate_per_second > 0 && tokens_ < 1) {
    const std::chrono::duration<double> wait((1 - tokens_) / options_.rate_per_second);
    // Up to a whole microsecond, or the token is not quite there yet.
    next = std::max(next, refilled_at_ + std::chrono::ceil<std::chrono::microseconds>(wait));
  }
  return std::max(next, now);
}

}  // namespace signinwatch::sinks
