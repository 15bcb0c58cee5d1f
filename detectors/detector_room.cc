// Making room at the detector's bounds (SPEC 11).
//
// Two kinds of bounds: one of each container, by a number, and one of all together, by bytes
// (limits.memory). At the second a part of the state may use what the others leave; what is
// furthest above its share gives way first, by the policy of its container. So which one that is
// follows from the records, as all here does: nothing is measured but what the containers count.
//
// No burst is lost. Where nothing is left but bursts, users that had no failure before get none.
#include <algorithm>
#include <array>
#include <utility>

#include "detectors/detector_impl.h"

namespace signinwatch {
namespace {

constexpr int kEvictionTries = 64;
// How many records pass between two looks at the bytes of the state; while they are above their
// bound, none does.
constexpr int kRoomCheckEvery = 256;
constexpr int kEvictionsAtOnce = 256;

// Of Detector::Impl::Part, in its order: hundredths of all that is not texts.
constexpr std::array<size_t, 5> kShares{40, 25, 15, 5, 15};

}  // namespace

size_t Detector::Impl::TextShare(size_t state_bytes) { return state_bytes / 5; }

std::array<size_t, Detector::Impl::kParts> Detector::Impl::PartBytes() const {
  return {users_.held_bytes(),
          users_.detail_bytes() + tracks_.bytes() + profiles_.bytes() + tenants_.bytes(),
          dedup_.bytes(), credentials_.bytes() + risks_.bytes() + audits_.bytes(),
          tickets_.bytes()};
}

size_t Detector::Impl::StateBytes() const {
  size_t bytes = pool_.bytes();
  for (const size_t part : PartBytes()) bytes += part;
  return bytes;
}

void Detector::Impl::MakeRoom(EventTime moment) {
  room_check_in_ = kRoomCheckEvery;
  full_ = false;
  const size_t bytes_max = config_.limits.state_bytes - TextShare(config_.limits.state_bytes);
  for (int evictions = 0; evictions < kEvictionsAtOnce; ++evictions) {
    const auto bytes = PartBytes();
    size_t all = 0;
    for (const size_t part : bytes) all += part;
    if (all <= bytes_max) return;
    std::array<size_t, kParts> order{};
    for (size_t i = 0; i < kParts; ++i) order[i] = i;
    std::stable_sort(order.begin(), order.end(), [&bytes](size_t a, size_t b) {
      return bytes[a] / kShares[a] > bytes[b] / kShares[b];
    });
    const bool any = std::any_of(order.begin(), order.end(), [this, moment](size_t part) {
      return EvictFrom(Part(part), moment);
    });
    ReleaseIdleTenants();
    if (!any) {
      full_ = true;
      return;
    }
  }
  room_check_in_ = 0;
}

bool Detector::Impl::EvictFrom(Part part, EventTime moment) {
  switch (part) {
    case Part::kUsers:
      return EvictUsers();
    case Part::kSessions:
      // Events of the tenant that holds most go before another tenant's sessions.
      return EvictFailingUser(false) || EvictLiveEvents() || EvictFailingUser(true);
    case Part::kIds:
      return dedup_.EvictSome();
    case Part::kCredentials:
      return EvictFromLargestLog();
    case Part::kTickets:
      return tickets_.EvictOldest(At(moment));
  }
  return false;
}

bool Detector::Impl::EvictUsers() {
  return users_.EvictSome([this](const UserKey& forgotten) { ForgetUser(forgotten); });
}

void Detector::Impl::ForgetUser(const UserKey& user) {
  journal_.MarkDeleted(RowKind::kUser, tenants_.id(user.tenant), user.user());
  tenants_.MayBeIdle(user.tenant);
}

bool Detector::Impl::EvictFromLog(RowKind log) {
  const auto evict = [this, log](auto& events) {
    if (events.size() == 0) return false;
    const UserKey user = events.EvictOldest();
    NoteLost(log, events, user);
    return true;
  };
  return log == RowKind::kCredentials ? evict(credentials_)
         : log == RowKind::kRisks     ? evict(risks_)
                                      : evict(audits_);
}

bool Detector::Impl::EvictFromLargestLog() {
  const auto largest = std::max({std::pair(credentials_.bytes(), RowKind::kCredentials),
                                 std::pair(risks_.bytes(), RowKind::kRisks),
                                 std::pair(audits_.bytes(), RowKind::kAudits)});
  return EvictFromLog(largest.second);
}

bool Detector::Impl::DropFailures(const UserKey& key) {
  if (!tracks_.DropSessions(key)) return false;
  users_.DropDetail(key, *users_.Find(key));
  journal_.MarkUser(key);
  ++failing_evicted_;
  return true;
}

bool Detector::Impl::EvictFailingUser(bool any_tenant) {
  // Whose failures are all of bursts gives none, though it holds most: then the next has to.
  int tries = 4 * kEvictionTries;
  for (const TenantIndex tenant : users_.failing().heaviest_first()) {
    const auto users = std::min<uint64_t>(users_.failing().of(tenant), kEvictionTries);
    for (uint64_t i = 0; i < users; ++i) {
      if (tries-- == 0) return false;
      const auto key = users_.NextFailing(tenant);
      if (!key) break;
      if (DropFailures(*key)) return true;
      users_.PutBack(*key);
    }
    if (!any_tenant) break;
  }
  return false;
}

void Detector::Impl::EvictTenant() {
  for (int tries = 0; tries < kEvictionTries; ++tries) {
    const auto index = tenants_.NextInOrder();
    if (!index) return;
    const bool in_use = users_.HasTenant(*index) || tickets_.HasTenant(*index) ||
                        credentials_.HasTenant(*index) || risks_.HasTenant(*index) ||
                        audits_.HasTenant(*index);
    if (!in_use && tracks_.DropSessions(UserKey(*index, UserId()))) {
      tenants_.MayBeIdle(*index);
      ReleaseIdleTenants();
      ++tenants_evicted_;
      return;
    }
    tenants_.PutBack(*index);
  }
}

bool Detector::Impl::RoomForFailure(const UserKey& key) {
  if (full_ && !key.is_tenant() && !users_.IsFailing(key)) {
    ++failing_evicted_;
    return false;
  }
  for (size_t i = 0; i < rules_.size(); ++i) {
    if (tracks_.live_events().total() < config_.limits.live_events || !EvictLiveEvents()) break;
  }
  return true;
}

bool Detector::Impl::EvictLiveEvents() {
  if (tracks_.live_events().total() == 0) return false;
  const TenantIndex heaviest = tracks_.live_events().heaviest();
  const auto fold_early = [this](const UserKey& key) {
    return tracks_.FoldEarly(key, watermark_, UnfamiliarTo(key));
  };
  if (fold_early(UserKey(heaviest, UserId()))) return true;
  for (int tries = 0; tries < kEvictionTries; ++tries) {
    const auto key = users_.NextFailing(heaviest);
    if (!key) break;
    const bool folded = fold_early(*key);
    if (!folded && DropFailures(*key)) return true;
    users_.PutBack(*key);
    if (folded) return true;
  }
  return false;
}

TrackTable::Unfamiliar Detector::Impl::UnfamiliarTo(const UserKey& key) const {
  const UserState* state = key.is_tenant() ? nullptr : users_.Find(key);
  return [this, state](const Failure& failure, EventTime start) {
    return explainer_.Unfamiliar(state, failure, start);
  };
}

}  // namespace signinwatch
