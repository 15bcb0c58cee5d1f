// Loading what was saved with other rules: a changed configuration, after a restart or a reload.
//
// A rule is known by its name and scope.
//   the same name     its sessions go on by the new window, threshold, quiet and codes: what is a
//                     burst stays one, what is none yet is looked at again, failures that were
//                     taken stay.
//   a new name        starts without a session: it sees what is read from now on.
//   a name that went  is retired: it takes no failure any more, and its bursts close, resolve and
//                     are revised like all others, as the watermark passes. Its place is kept
//                     until none of them is held, and found free at a later loading.
#include <algorithm>
#include <cstdint>
#include <limits>
#include <utility>
#include <vector>

#include "detectors/detector_impl.h"

namespace signinwatch {
namespace {

constexpr uint16_t kNowhere = std::numeric_limits<uint16_t>::max();

}  // namespace

size_t Detector::Impl::SavedRules::CountOf(GroupBy scope) const {
  return static_cast<size_t>(
      std::count_if(rules.begin(), rules.end(),
                    [scope](const BurstRule& rule) { return rule.group_by == scope; }));
}

template <typename Visit>
void Detector::Impl::ForEachTracks(const Visit& visit) {
  for (const UserKey& key : users_.detailed()) {
    visit(GroupBy::kUser, &users_.Find(key)->detail->tracks);
  }
  for (const auto& tenant : tenants_) {
    if (tenant != nullptr) visit(GroupBy::kTenant, &tenant->tracks);
  }
}

bool Detector::Impl::AdoptSaved() {
  const bool same = saved_.rules == config_.rules && saved_.codes == codes_;
  if (!same) {
    if (!RetireRules()) return false;
    AdoptCodes();
    ForEachTracks(
        [this](GroupBy scope, std::vector<Track>* tracks) { AdoptTracks(scope, tracks); });
    desk_.ForEach(
        [this](TicketNumber, TicketEntry& entry) { entry.rule = saved_rule_[entry.rule]; });
  }
  AfterLoad();
  StartJournal();
  if (!same) {
    for (const UserKey& key : users_.detailed()) MarkUser(key);
    for (TenantIndex i = 0; i < tenants_.size(); ++i) {
      if (tenants_[i] != nullptr) MarkTenant(i);
    }
    desk_.JournalAll();
  }
  saved_ = {};
  saved_rule_ = {};
  return true;
}

// Finds the place of each saved rule, and gives one to those that are gone and needed still.
bool Detector::Impl::RetireRules() {
  std::vector<bool> used(saved_.rules.size());
  ForEachTracks([&](GroupBy scope, const std::vector<Track>* tracks) {
    auto track = tracks->begin();
    for (size_t i = 0; i < saved_.rules.size() && track != tracks->end(); ++i) {
      if (saved_.rules[i].group_by != scope) continue;
      if (!track->empty()) used[i] = true;
      ++track;
    }
  });
  desk_.ForEach([&used](TicketNumber, const TicketEntry& entry) { used[entry.rule] = true; });

  const size_t configured = config_.rules.size();
  saved_rule_.assign(saved_.rules.size(), kNowhere);
  for (size_t i = 0; i < saved_.rules.size(); ++i) {
    const auto end = config_.rules.begin() + static_cast<ptrdiff_t>(configured);
    const auto same = std::find_if(config_.rules.begin(), end, [&](const BurstRule& rule) {
      return rule.name == saved_.rules[i].name && rule.group_by == saved_.rules[i].group_by;
    });
    if (same == end) {
      if (!used[i]) continue;
      if (config_.rules.size() - configured == kRetiredRulesMax) return false;
      saved_rule_[i] = static_cast<uint16_t>(config_.rules.size());
      config_.rules.push_back(saved_.rules[i]);
      config_.rules.back().codes.clear();
      AddRule(config_.rules.back());
    } else {
      saved_rule_[i] = static_cast<uint16_t>(same - config_.rules.begin());
    }
  }
  SetSpans();
  return true;
}

// Failures name their code by its place in codes_.
void Detector::Impl::AdoptCodes() {
  std::vector<bool> used(saved_.codes.size());
  ForEachTracks([&used](GroupBy, const std::vector<Track>* tracks) {
    for (const Track& track : *tracks) NoteCodes(track, &used);
  });
  std::vector<uint16_t> renamed(saved_.codes.size(), kNowhere);
  for (size_t i = 0; i < saved_.codes.size(); ++i) {
    if (!used[i]) continue;
    const auto found = std::find(codes_.begin(), codes_.end(), saved_.codes[i]);
    renamed[i] = static_cast<uint16_t>(found - codes_.begin());
    if (found == codes_.end()) codes_.push_back(saved_.codes[i]);
  }
  ForEachTracks([&renamed](GroupBy, std::vector<Track>* tracks) {
    for (Track& track : *tracks) RenameCodes(&track, renamed);
  });
}

void Detector::Impl::AdoptTracks(GroupBy scope, std::vector<Track>* tracks) {
  const bool user = scope == GroupBy::kUser;
  if (user && tracks->empty()) return;  // they come with the user's first failure
  std::vector<Track> adopted(user ? user_rules_ : tenant_rules_);
  auto from = tracks->begin();
  for (size_t i = 0; i < saved_.rules.size() && from != tracks->end(); ++i) {
    if (saved_.rules[i].group_by != scope) continue;
    Track& track = *from++;
    if (saved_rule_[i] == kNowhere) continue;
    const BurstRule& rule = config_.rules[saved_rule_[i]];
    if (rule != saved_.rules[i]) AdoptRule(&track, rule, &window_users_);
    adopted[slot_[saved_rule_[i]]] = std::move(track);
  }
  *tracks = std::move(adopted);
}

}  // namespace signinwatch
