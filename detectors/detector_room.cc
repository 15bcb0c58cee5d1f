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
#include <iterator>
#include <string>
#include <utility>

#include "detectors/detector_impl.h"

namespace signinwatch {
namespace {

constexpr int kEvictionTries = 64;
// How many records pass between two looks at the bytes of the state; while they are above their
// bound, none does.
constexpr int kRoomCheckEvery = 256;
constexpr int kEvictionsAtOnce = 256;

// Of what the allocator adds to each piece of memory.
constexpr size_t kPiece = 16;
constexpr size_t kCredentialEventBytes = sizeof(CredentialEvent) + 208;
constexpr size_t kDetailBytes = sizeof(UserDetail) + sizeof(UserKey) + 2 * kPiece;
constexpr size_t kTicketIdBytes = 112;
constexpr size_t kTenantBytes = sizeof(Tenant) + 64;

// Of Detector::Impl::Part, in its order: hundredths of all that is not texts.
constexpr std::array<size_t, 5> kShares{40, 25, 15, 5, 15};

}  // namespace

size_t Detector::Impl::TextShare(size_t state_bytes) { return state_bytes / 5; }

std::array<size_t, Detector::Impl::kParts> Detector::Impl::PartBytes() const {
  const size_t tracks = sizeof(Track) * (user_rules_ + 1);
  return {
      users_.held_bytes(),
      users_.failing().total() * (kDetailBytes + tracks) +
          live_events_.total() * sizeof(Failure) * 3 / 2 +
          open_sessions_ * (sizeof(Session) + 2 * kPiece) + folded_bytes_ +
          tenant_index_.size() * (kTenantBytes + tenant_rules_ * sizeof(Track)),
      dedup_.bytes(),
      credentials_.size() * kCredentialEventBytes,
      desk_.bytes() + ids_.size() * kTicketIdBytes,
  };
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
      return credentials_.size() > 0 && (EvictCredentialEvent(), true);
    case Part::kTickets:
      return EvictTicket(moment);
  }
  return false;
}

bool Detector::Impl::EvictUsers() {
  std::vector<TenantIndex> lost_one;
  const auto users_of = [this](TenantIndex tenant) { return tenants_[tenant]->users; };
  const bool any = users_.EvictSome(users_of, [&](const UserKey& forgotten) {
    DeleteUserRow(forgotten);
    --tenants_[forgotten.tenant]->users;
    lost_one.push_back(forgotten.tenant);
  });
  std::sort(lost_one.begin(), lost_one.end());
  lost_one.erase(std::unique(lost_one.begin(), lost_one.end()), lost_one.end());
  for (const TenantIndex tenant : lost_one) ReleaseTenant(tenant);
  return any;
}

void Detector::Impl::EvictCredentialEvent() {
  const UserKey evicted = credentials_.EvictOldest();
  if (credentials_.Find(evicted) != nullptr) {
    MarkCredentials(evicted);
  } else {
    DeleteCredentialsRow(evicted);
    ReleaseTenant(evicted.tenant);
  }
}

bool Detector::Impl::EvictTicket(EventTime moment) {
  const TicketNumber oldest = desk_.EvictOldest();
  if (oldest != 0) DropTicket(oldest, moment);
  return oldest != 0;
}

UserDetail& Detector::Impl::Detail(const UserKey& key, UserState& state) {
  if (state.detail == nullptr) {
    if (users_.failing().total() >= config_.limits.failing_users) (void)EvictFailingUser(true);
    Tenant& tenant = *tenants_[key.tenant];
    if (tenant.failing_order.size() - tenant.failing_next >
        2 * users_.failing().of(key.tenant) + 64) {
      absl::flat_hash_set<UserKey, TableHash> seen;
      std::erase_if(tenant.failing_order, [&](const UserKey& other) {
        return !users_.detailed().contains(other) || !seen.insert(other).second;
      });
      tenant.failing_next = 0;
    }
    tenant.failing_order.push_back(key);
  }
  return users_.Detail(key, state);
}

UserKey Detector::Impl::NextFailing(Tenant* tenant) {
  std::vector<UserKey>& order = tenant->failing_order;
  while (tenant->failing_next < order.size()) {
    const UserKey key = order[tenant->failing_next++];
    if (tenant->failing_next > 64 && tenant->failing_next > order.size() / 2) {
      order.erase(order.begin(), order.begin() + static_cast<ptrdiff_t>(tenant->failing_next));
      tenant->failing_next = 0;
    }
    if (users_.detailed().contains(key)) return key;
  }
  return {};
}

bool Detector::Impl::DropSessions(TenantIndex tenant, std::vector<Track>* tracks) {
  for (const Track& track : *tracks) {
    if (!track.past.empty()) return false;
    for (const auto& session : track.sessions) {
      if (session->hot()) return false;
    }
  }
  for (Track& track : *tracks) {
    open_sessions_ -= track.sessions.size();
    for (const auto& session : track.sessions) live_events_.Remove(tenant, session->held());
    track = {};
  }
  return true;
}

bool Detector::Impl::DropFailures(const UserKey& key) {
  UserState& state = *users_.Find(key);
  if (!DropSessions(key.tenant, &state.detail->tracks)) return false;
  users_.DropDetail(key, state);
  MarkUser(key);
  ++failing_evicted_;
  return true;
}

bool Detector::Impl::EvictFailingUser(bool any_tenant) {
  // Whose failures are all of bursts gives none, though it holds most: then the next has to.
  int tries = 4 * kEvictionTries;
  for (const TenantIndex index : users_.failing().heaviest_first()) {
    Tenant& tenant = *tenants_[index];
    const auto users = std::min<uint64_t>(users_.failing().of(index), kEvictionTries);
    for (uint64_t i = 0; i < users; ++i) {
      if (tries-- == 0) return false;
      const UserKey key = NextFailing(&tenant);
      if (key.form == IdForm::kNone) break;
      if (DropFailures(key)) return true;
      tenant.failing_order.push_back(key);
    }
    if (!any_tenant) break;
  }
  return false;
}

void Detector::Impl::EvictTenant() {
  for (int tries = 0; tries < kEvictionTries && !tenant_order_.empty();) {
    const auto entry = tenant_order_.front();
    const TenantIndex index = entry.first;
    tenant_order_.pop_front();
    if (!IsTenant(entry)) continue;
    if (HoldsTracksAlone(index) && DropSessions(index, &tenants_[index]->tracks)) {
      ReleaseTenant(index);
      ++tenants_evicted_;
      return;
    }
    tenant_order_.push_back(entry);
    ++tries;
  }
}

bool Detector::Impl::RoomForFailure(const UserKey& key) {
  if (full_ && key.form != IdForm::kNone && !users_.detailed().contains(key)) {
    ++failing_evicted_;
    return false;
  }
  for (size_t i = 0; i < config_.rules.size(); ++i) {
    if (live_events_.total() < config_.limits.live_events || !EvictLiveEvents()) break;
  }
  return true;
}

bool Detector::Impl::EvictLiveEvents() {
  if (live_events_.total() == 0) return false;
  const TenantIndex heaviest = live_events_.heaviest();
  if (FoldEarly(UserKey(heaviest, UserId()), &tenants_[heaviest]->tracks)) return true;
  Tenant& tenant = *tenants_[heaviest];
  for (int tries = 0; tries < kEvictionTries; ++tries) {
    const UserKey key = NextFailing(&tenant);
    if (key.form == IdForm::kNone) break;
    const bool folded = FoldEarly(key, &users_.Find(key)->detail->tracks);
    if (!folded && DropFailures(key)) return true;
    tenant.failing_order.push_back(key);
    if (folded) return true;
  }
  return false;
}

bool Detector::Impl::FoldEarly(const UserKey& key, std::vector<Track>* tracks) {
  bool any = false;
  for (uint16_t rule = 0; rule < config_.rules.size() && !tracks->empty(); ++rule) {
    const bool of_key =
        (config_.rules[rule].group_by == GroupBy::kTenant) == (key.form == IdForm::kNone);
    if (!of_key) continue;
    for (const auto& session : (*tracks)[slot_[rule]].sessions) {
      any |= LetGo({rule, key}, session.get(), true) > 0;
    }
  }
  return any;
}

size_t Detector::Impl::LetGo(const TrackRef& ref, Session* session, bool early) {
  const BurstRule& rule = config_.rules[ref.rule];
  if (session->Settle(rule, &window_users_) && session->hot()) pending_.insert(ref);
  const UserState* state = ref.key.form == IdForm::kNone ? nullptr : users_.Find(ref.key);
  const auto unfamiliar = [&](const Failure& failure) {
    return explainer_.Unfamiliar(state, failure, session->start());
  };
  const size_t folded = session->folded_bytes();
  size_t gone = session->LetGo(watermark_, rule, pool_, config_.limits.distinct_values, unfamiliar);
  if (early && gone == 0) {
    // What the watermark has not passed goes too, and is counted.
    gone = session->LetGo(session->last(), rule, pool_, config_.limits.distinct_values, unfamiliar);
    live_evicted_ += gone;
  }
  live_events_.Remove(ref.key.tenant, gone);
  folded_bytes_ += session->folded_bytes() - std::min(folded, session->folded_bytes());
  if (gone > 0) MarkTrack(ref);
  return gone;
}

}  // namespace signinwatch
