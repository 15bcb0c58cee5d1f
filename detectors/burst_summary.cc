#include "detectors/burst_summary.h"

#include <algorithm>
#include <chrono>
#include <iterator>
#include <optional>
#include <tuple>
#include <utility>

#include "absl/container/inlined_vector.h"
#include "detectors/row_archive.h"

namespace signinwatch {
namespace {

// Whether a failure at (time, id) whose shown text is `name` comes before the one kept so far: by
// time, then id, then the text itself, so that the choice never depends on the order of arrival.
bool ComesBefore(EventTime time, const EventId& id, TextId name, EventTime kept_time,
                 const EventId& kept_id, TextId kept_name, const TextPool& pool) {
  if (time != kept_time) return time < kept_time;
  if (const int order = EventId::Compare(id, kept_id, pool); order != 0) return order < 0;
  return pool.Get(name) < pool.Get(kept_name);
}

// A value on its way to a counted list.
struct Ranked {
  std::string_view value;  // what it is sorted by
  TextId name = 0;         // shown beside the id
  bool no_id = false;
  uint64_t count = 0;
  TextId text = 0;                     // of users: the value
  EventTime first = kBeginningOfTime;  // of apps, as the next
  EventTime last = kBeginningOfTime;
};

// Most lists are short.
using RankedList = absl::InlinedVector<Ranked, 8>;

template <typename Visit>
CountedList Cut(RankedList& values, const TextPool& pool, Visit visit_shown) {
  CountedList list;
  list.total = values.size();
  const size_t shown = std::min(values.size(), kShownMax);
  std::partial_sort(values.begin(), values.begin() + static_cast<ptrdiff_t>(shown), values.end(),
                    [](const Ranked& a, const Ranked& b) {
                      if (a.count != b.count) return a.count > b.count;
                      if (a.value != b.value) return a.value < b.value;
                      return a.no_id && !b.no_id;
                    });
  list.shown.reserve(shown);
  for (size_t i = 0; i < shown; ++i) {
    list.shown.push_back(
        {.id = values[i].no_id ? std::string() : std::string(ShownText(values[i].value)),
         .name = std::string(ShownText(pool.Get(values[i].name))),
         .count = values[i].count,
         .first_event_time = values[i].first,
         .last_event_time = values[i].last});
    visit_shown(values[i]);
  }
  return list;
}

CountedList Cut(RankedList& values, const TextPool& pool) {
  return Cut(values, pool, [](const Ranked&) {});
}

using TextCounts = SmallMap<TextId, uint64_t, 4>;

ShownOf<TextCount> ShowCounts(const TextCounts& counts, const TextPool& pool) {
  absl::InlinedVector<std::pair<std::string_view, uint64_t>, 8> values;
  values.reserve(counts.size());
  for (const auto& [text, count] : counts) values.emplace_back(pool.Get(text), count);
  const size_t shown = std::min(values.size(), kShownMax);
  std::partial_sort(values.begin(), values.begin() + static_cast<ptrdiff_t>(shown), values.end(),
                    [](const auto& a, const auto& b) {
                      return a.second != b.second ? a.second > b.second : a.first < b.first;
                    });
  ShownOf<TextCount> list{.shown = {}, .total = values.size()};
  list.shown.reserve(shown);
  for (size_t i = 0; i < shown; ++i) {
    list.shown.push_back({std::string(ShownText(values[i].first)), values[i].second});
  }
  return list;
}

int64_t MinuteOf(EventTime t) {
  return std::chrono::floor<std::chrono::minutes>(t).time_since_epoch().count();
}

CountedList CutTexts(const TextCounts& counts, const TextPool& pool) {
  RankedList values;
  values.reserve(counts.size());
  for (const auto& [text, count] : counts) {
    values.push_back({.value = pool.Get(text), .count = count});
  }
  return Cut(values, pool);
}

}  // namespace

template <typename Map>
typename Map::mapped_type* BurstSummary::Slot(Map& map, const typename Map::key_type& key) {
  if (auto* value = map.Find(key)) return value;
  if (map.size() >= distinct_max_) {
    ++evicted_;
    return nullptr;
  }
  return &map.Add(key);
}

void BurstSummary::Add(const Failure& failure, bool unfamiliar, const TextPool& pool) {
  ++count_;
  if (unfamiliar) ++unfamiliar_count_;
  ++codes_[failure.code_index];
  NoteFirst(failure, pool);
  AddApp(failure, pool);
  if (failure.has_address) {
    if (auto* count = Slot(addresses_, AddressKey{failure.address_hi, failure.address_lo})) {
      ++*count;
    }
  }
  if (failure.country != 0) {
    if (auto* count = Slot(countries_, failure.country)) ++*count;
  }
  if (failure.device != 0) {
    if (auto* count = Slot(devices_, failure.device)) ++*count;
  }
  if (failure.user.text != 0) AddUser(failure, pool);
  if (scope_ == GroupBy::kUser && failure.session != 0) AddSession(failure);
  if (auto* count = Slot(profiles_, failure.profile)) ++*count;
  AddMinute(failure.time);
  if (failure.id.present()) AddEvidence(failure, pool, unfamiliar ? &unfamiliar_ : &familiar_);
}

// They come by time, but for those that were folded before.
void BurstSummary::AddMinute(EventTime time) {
  const int64_t minute = MinuteOf(time);
  if (!minutes_.empty() && minutes_.back().first == minute) {
    ++minutes_.back().second;
    return;
  }
  const auto place = std::lower_bound(minutes_.begin(), minutes_.end(), minute,
                                      [](const auto& a, int64_t b) { return a.first < b; });
  if (place != minutes_.end() && place->first == minute) {
    ++place->second;
  } else if (minutes_.size() < distinct_max_) {
    minutes_.emplace(place, minute, 1);
  } else {
    ++evicted_;
  }
}

void BurstSummary::NoteFirst(const Failure& failure, const TextPool& pool) {
  if (failure.time > first_) return;
  const int order = failure.time < first_ ? -1 : EventId::Compare(failure.id, first_id_, pool);
  if (order > 0) return;
  if (order < 0) {
    first_ = failure.time;
    first_id_ = failure.id;
    first_name_ = failure.user_principal_name;
    first_profiles_ = {failure.profile};
    return;
  }
  if (pool.Get(failure.user_principal_name) < pool.Get(first_name_)) {
    first_name_ = failure.user_principal_name;
  }
  if (std::find(first_profiles_.begin(), first_profiles_.end(), failure.profile) !=
      first_profiles_.end()) {
    return;
  }
  // So many without an id in one microsecond are nobody's sign-ins.
  constexpr size_t kTiesMax = 64;
  if (first_profiles_.size() < kTiesMax) {
    first_profiles_.push_back(failure.profile);
  } else {
    ++evicted_;
  }
}

void BurstSummary::AddSession(const Failure& failure) {
  if (Slot(sessions_, failure.session) == nullptr) return;
  // Whoever holds an AD FS server can write what address they like.
  if (!failure.has_address || failure.country == 0 || failure.adfs) return;
  Place* place = Slot(
      places_, PlaceKey{failure.session, failure.country, failure.address().FamiliarNetwork()});
  if (place == nullptr) return;
  ++place->count;
  place->first = std::min(place->first, failure.time);
}

void BurstSummary::AddApp(const Failure& failure, const TextPool& pool) {
  const bool by_name = failure.app_id == 0;
  const TextId text = by_name ? failure.app_name : failure.app_id;
  if (text == 0) return;
  App* app = Slot(apps_, AppKey{text, by_name});
  if (app == nullptr) return;
  ++app->count;
  app->last = std::max(app->last, failure.time);
  if (ComesBefore(failure.time, failure.id, failure.app_name, app->first, app->first_id, app->name,
                  pool)) {
    app->first = failure.time;
    app->first_id = failure.id;
    app->name = failure.app_name;
  }
}

void BurstSummary::AddUser(const Failure& failure, const TextPool& pool) {
  UserSpan* user = Slot(users_, failure.user);
  if (user == nullptr) return;
  ++user->count;
  user->risky |= failure.risky;
  const int order = failure.time != user->first
                        ? (failure.time < user->first ? -1 : 1)
                        : EventId::Compare(failure.id, user->first_id, pool);
  if (order < 0) {
    user->guest = failure.guest;
  } else if (order == 0) {
    user->guest = user->guest && failure.guest;
  }
  if (ComesBefore(failure.time, failure.id, failure.user_principal_name, user->first,
                  user->first_id, user->name, pool)) {
    user->first_id = failure.id;
    user->name = failure.user_principal_name;
  }
  user->first = std::min(user->first, failure.time);
  user->last = std::max(user->last, failure.time);
  const TextId name = failure.user_principal_name;
  std::vector<TextId>& borne = user->names_borne;
  if (name != 0 && std::find(borne.begin(), borne.end(), name) == borne.end()) {
    if (borne.size() < distinct_max_) {
      borne.push_back(name);
    } else {
      ++evicted_;
    }
  }
}

void BurstSummary::AddEvidence(const Failure& failure, const TextPool& pool,
                               std::vector<Evidence>* list) {
  const EarlierIn before{pool};
  const Evidence evidence{failure.time, failure.id};
  if (list->size() == kEvidence && !before(evidence, list->back())) return;
  list->reserve(kEvidence + 1);
  list->insert(std::upper_bound(list->begin(), list->end(), evidence, before), evidence);
  if (list->size() > kEvidence) list->pop_back();
}

void BurstSummary::WriteDeciding(const TextPool& pool, const FailureProfiles& profiles,
                                 Ticket* ticket) const {
  ticket->event_count = count_;
  TicketContext& context = ticket->context;
  if (ticket->scope == GroupBy::kTenant) {
    ticket->distinct_users = users_.size();
    return;
  }
  ticket->distinct_users = 1;
  for (const auto& [id, count] : profiles_) {
    context.sign_in_risk[static_cast<size_t>(profiles.Get(id).risk)] += count;
  }
  WriteSessions(pool, &context);
}

void BurstSummary::WriteRest(const TextPool& pool, const FailureProfiles& profiles,
                             const std::vector<int64_t>& codes, Ticket* ticket) const {
  for (const auto& [index, count] : codes_) ticket->codes[codes[index]] = count;
  WriteLists(pool, ticket);
  WriteEvidence(pool, ticket);
  WriteTimeline(&ticket->timeline);
  TicketContext& context = ticket->context;
  WriteProfiles(pool, profiles, &context);
  if (ticket->scope == GroupBy::kTenant) {
    context.risky_users = static_cast<uint64_t>(std::count_if(
        users_.begin(), users_.end(), [](const auto& user) { return user.second.risky; }));
    return;
  }
  const bool guest = !users_.empty() && users_.begin()->second.guest;
  if (guest) context.home_tenant_id = HomeTenant(pool, profiles);
  ticket->user_principal_name = std::string(ShownText(pool.Get(first_name_)));
}

void BurstSummary::WriteProfiles(const TextPool& pool, const FailureProfiles& profiles,
                                 TicketContext* context) const {
  TextCounts policies;
  TextCounts token_types;
  TextCounts clients;
  ConditionalAccessContext& access = context->conditional_access;
  for (const auto& [id, count] : profiles_) {
    const FailureProfile& profile = profiles.Get(id);
    switch (profile.conditional_access) {
      case ConditionalAccessStatus::kUnknown:
        access.unknown += count;
        break;
      case ConditionalAccessStatus::kSuccess:
        access.success += count;
        break;
      case ConditionalAccessStatus::kFailure:
        access.failure += count;
        break;
      case ConditionalAccessStatus::kNotApplied:
        access.not_applied += count;
        break;
    }
    for (const TextId policy : profile.failing_policies) policies.Get(policy) += count;
    if (profile.token_type != 0) token_types.Get(profile.token_type) += count;
    if (profile.client != 0) clients.Get(profile.client) += count;
  }
  access.failing_policies = ShowCounts(policies, pool);
  context->token_types = ShowCounts(token_types, pool);
  context->clients = ShowCounts(clients, pool);
}

std::string BurstSummary::HomeTenant(const TextPool& pool, const FailureProfiles& profiles) const {
  std::optional<std::string_view> least;
  for (const ProfileId id : first_profiles_) {
    const std::string_view home = pool.Get(profiles.Get(id).home_tenant);
    if (!least || home < *least) least = home;
  }
  return std::string(ShownText(least.value_or("")));
}

void BurstSummary::WriteSessions(const TextPool& pool, TicketContext* context) const {
  context->sessions_total = sessions_.size();
  // All places, by session.
  using Visited = std::pair<std::string_view, const std::pair<PlaceKey, Place>*>;
  absl::InlinedVector<Visited, 8> visits;
  visits.reserve(places_.size());
  for (const auto& place : places_) visits.emplace_back(pool.Get(place.first.session), &place);
  std::sort(visits.begin(), visits.end(),
            [](const Visited& a, const Visited& b) { return a.first < b.first; });
  for (auto begin = visits.begin(), end = begin; begin != visits.end(); begin = end) {
    const std::string_view session = begin->first;
    end = std::find_if(begin, visits.end(),
                       [session](const Visited& visit) { return visit.first != session; });
    // Two that differ in both: the first and another, or one that shares its network alone and one
    // that shares its country alone.
    const PlaceKey& first = begin->second->first;
    bool both = false;
    bool in_network = false;
    bool in_country = false;
    for (auto visit = begin; visit != end; ++visit) {
      const PlaceKey& key = visit->second->first;
      const bool same_network = key.network == first.network;
      const bool same_country = key.country == first.country;
      both |= !same_network && !same_country;
      in_network |= same_network && !same_country;
      in_country |= !same_network && same_country;
    }
    if (!both && !(in_network && in_country)) continue;
    ShownOf<SessionElsewhere>& elsewhere = context->sessions_elsewhere;
    if (++elsewhere.total > kShownMax) continue;
    SessionElsewhere& shown = elsewhere.shown.emplace_back();
    shown.session_id = std::string(ShownText(session));
    shown.places.total = static_cast<uint64_t>(end - begin);
    for (auto visit = begin; visit != end; ++visit) {
      const auto& [key, place] = *visit->second;
      shown.places.shown.push_back({FormatFamiliarNetwork(key.network),
                                    std::string(ShownText(pool.Get(key.country))), place.count,
                                    place.first});
    }
    std::vector<SessionPlace>& list = shown.places.shown;
    std::sort(list.begin(), list.end(), [](const SessionPlace& a, const SessionPlace& b) {
      return std::tie(a.first_event_time, a.network, a.country) <
             std::tie(b.first_event_time, b.network, b.country);
    });
    if (list.size() > kShownMax) list.resize(kShownMax);
  }
}

void BurstSummary::WriteTimeline(Timeline* timeline) const {
  if (minutes_.empty()) return;
  const int64_t first = minutes_.front().first;
  const int64_t last = minutes_.back().first;
  int64_t step = 1;
  for (const int64_t next : {5, 15, 60}) {
    if ((last - first) / step >= int64_t{Timeline::kCountsMax}) step = next;
  }
  while ((last - first) / step >= int64_t{Timeline::kCountsMax}) step *= 2;
  timeline->start = EventTime(std::chrono::minutes(first));
  timeline->step = std::chrono::minutes(step);
  timeline->counts.assign(static_cast<size_t>((last - first) / step) + 1, 0);
  for (const auto& [minute, count] : minutes_) {
    timeline->counts[static_cast<size_t>((minute - first) / step)] += count;
  }
}

std::vector<UserText> BurstSummary::ListUsers(const TextPool& pool, Ticket* ticket) const {
  RankedList values;
  values.reserve(users_.size());
  for (const auto& [user, span] : users_) {
    values.push_back({pool.Get(user.text), span.name, user.by_name, span.count, user.text});
  }
  std::vector<UserText> shown;
  ticket->users = Cut(values, pool, [&shown](const Ranked& value) {
    shown.push_back({value.text, value.no_id});
  });
  return shown;
}

void BurstSummary::WriteLists(const TextPool& pool, Ticket* ticket) const {
  RankedList values;
  values.reserve(apps_.size());
  for (const auto& [key, app] : apps_) {
    values.push_back({.value = pool.Get(key.text),
                      .name = app.name,
                      .no_id = key.by_name,
                      .count = app.count,
                      .first = app.first,
                      .last = app.last});
  }
  ticket->apps = Cut(values, pool);
  absl::InlinedVector<std::pair<std::string, uint64_t>, 8> addresses;
  addresses.reserve(addresses_.size());
  for (const auto& [key, count] : addresses_) {
    addresses.emplace_back(FormatIpAddress({key.hi, key.lo, true}), count);
  }
  values.clear();
  for (const auto& [text, count] : addresses) values.push_back({.value = text, .count = count});
  ticket->ip_addresses = Cut(values, pool);
  ticket->countries = CutTexts(countries_, pool);
  ticket->devices = CutTexts(devices_, pool);
}

// Those of unfamiliar sources first.
void BurstSummary::WriteEvidence(const TextPool& pool, Ticket* ticket) const {
  ticket->evidence.reserve(std::min(kEvidence, unfamiliar_.size() + familiar_.size()));
  for (const auto* list : {&unfamiliar_, &familiar_}) {
    for (const Evidence& item : *list) {
      if (ticket->evidence.size() == kEvidence) return;
      ticket->evidence.push_back(item.id.ToShown(pool));
    }
  }
}

void BurstSummary::MarkTexts(TextPool& pool, FailureProfiles& profiles) const {
  pool.Mark(first_id_.text);
  pool.Mark(first_name_);
  for (const auto& [key, app] : apps_) {
    pool.Mark(key.text);
    pool.Mark(app.first_id.text);
    pool.Mark(app.name);
  }
  for (const auto& [text, count] : countries_) pool.Mark(text);
  for (const auto& [text, count] : devices_) pool.Mark(text);
  for (const auto& [user, span] : users_) {
    pool.Mark(user.text);
    pool.Mark(span.first_id.text);
    pool.Mark(span.name);
    for (const TextId name : span.names_borne) pool.Mark(name);
  }
  for (const ProfileId profile : first_profiles_) profiles.Mark(profile);
  for (const auto& [profile, count] : profiles_) profiles.Mark(profile);
  for (const auto& [session, nothing] : sessions_) pool.Mark(session);
  for (const auto& [key, place] : places_) pool.Mark(key.country);
  for (const Evidence& item : familiar_) pool.Mark(item.id.text);
  for (const Evidence& item : unfamiliar_) pool.Mark(item.id.text);
}

void BurstSummary::NoteCodes(std::vector<bool>* used) const {
  for (const auto& [index, count] : codes_) (*used)[index] = true;
}

void BurstSummary::RenameCodes(const std::vector<uint16_t>& renamed) {
  std::map<uint16_t, uint64_t> codes;
  for (const auto& [index, count] : codes_) codes[renamed[index]] = count;
  codes_ = std::move(codes);
}

size_t BurstSummary::bytes() const {
  return sizeof(*this) + apps_.bytes() + addresses_.bytes() + countries_.bytes() +
         devices_.bytes() + users_.bytes() + profiles_.bytes() + sessions_.bytes() +
         places_.bytes() + minutes_.capacity() * sizeof(minutes_[0]) +
         (familiar_.capacity() + unfamiliar_.capacity()) * sizeof(Evidence);
}

template <typename A>
void Fields(A& a, BurstSummary::UserSpan& span) {
  a(span.count, span.first, span.last, span.first_id, span.guest, span.risky);
  a.Text(span.name);
  Texts(a, span.names_borne);
}

template <typename A>
void BurstSummary::Archive(A& a) {
  a(distinct_max_, scope_, count_, unfamiliar_count_, evicted_, first_, first_id_, codes_);
  a.Text(first_name_);
  MapFields(a, apps_, [&a](AppKey& key, App& app) {
    a.Text(key.text);
    a(key.by_name, app.count, app.first, app.last, app.first_id);
    a.Text(app.name);
  });
  MapFields(a, addresses_, [&a](AddressKey& key, uint64_t& count) { a(key.hi, key.lo, count); });
  for (auto* counts : {&countries_, &devices_}) {
    MapFields(a, *counts, [&a](TextId& text, uint64_t& count) {
      a.Text(text);
      a(count);
    });
  }
  MapFields(a, users_, [&a](UserText& user, UserSpan& span) { a(user, span); });
  ListFields(a, first_profiles_, [&a](ProfileId& profile) { a.Profile(profile); });
  MapFields(a, profiles_, [&a](ProfileId& profile, uint64_t& count) {
    a.Profile(profile);
    a(count);
  });
  MapFields(a, sessions_, [&a](TextId& session, std::monostate&) { a.Text(session); });
  MapFields(a, places_, [&a](PlaceKey& key, Place& place) {
    a.Text(key.session);
    a.Text(key.country);
    a(key.network, place.count, place.first);
  });
  ListFields(a, minutes_, [&a](auto& minute) { a(minute.first, minute.second); });
  if constexpr (A::kReading) std::sort(minutes_.begin(), minutes_.end());
  for (auto* list : {&familiar_, &unfamiliar_}) {
    ListFields(a, *list, [&a](Evidence& evidence) { a(evidence.time, evidence.id); });
  }
}
template void BurstSummary::Archive(RowWriter& a);
template void BurstSummary::Archive(RowReader& a);

}  // namespace signinwatch
