#include "detectors/rule_book.h"

#include <algorithm>
#include <chrono>

#include "detectors/row_archive.h"

namespace signinwatch {
namespace {

constexpr Duration kClosingSlack = std::chrono::minutes(10);
constexpr int64_t kBadPassword = 50126;
constexpr int64_t kExpiredCodes[] = {50055, 50144};

}  // namespace

template <typename A>
void Fields(A& a, BurstRule& rule) {
  a(rule.name, rule.codes, rule.group_by, rule.window, rule.threshold, rule.min_users, rule.quiet,
    rule.max_duration);
}

template <typename A>
void SavedRules::Archive(A& a) {
  a(rules, codes);
}
template void SavedRules::Archive(RowWriter& a);
template void SavedRules::Archive(RowReader& a);

size_t SavedRules::CountOf(GroupBy scope) const {
  return static_cast<size_t>(
      std::count_if(rules.begin(), rules.end(),
                    [scope](const BurstRule& rule) { return rule.group_by == scope; }));
}

RuleBook::RuleBook(const DetectionConfig& config)
    : time_(config.time),
      tickets_(config.tickets),
      lookback_(config.correlation.lookback),
      risk_before_(config.correlation.risk_before) {
  for (const BurstRule& rule : config.rules) AddRule(rule);
  std::vector<int64_t>& codes = all_.codes;
  codes = config.CountedCodes();
  codes.insert(codes.end(), {kBadPassword, kExpiredCodes[0], kExpiredCodes[1]});
  std::sort(codes.begin(), codes.end());
  codes.erase(std::unique(codes.begin(), codes.end()), codes.end());
  least_code_ = codes.front();
  greatest_code_ = codes.back();
  for (const int64_t code : codes) {
    CodeClass code_class{.rules = 0,
                         .index = static_cast<uint16_t>(code_classes_.size()),
                         .bad_password = code == kBadPassword,
                         .expired = code == kExpiredCodes[0] || code == kExpiredCodes[1]};
    for (size_t i = 0; i < std::min(size(), kWatchingRulesMax); ++i) {
      const std::vector<int64_t>& watched = all_.rules[i].codes;
      if (std::find(watched.begin(), watched.end(), code) != watched.end()) {
        code_class.rules |= uint64_t{1} << i;
      }
    }
    code_classes_.push_back(code_class);
  }
  SetSpans();
}

void RuleBook::AddRule(const BurstRule& rule) {
  std::vector<uint16_t>& of_scope = of_scope_[rule.group_by == GroupBy::kUser ? 0 : 1];
  slots_.push_back(of_scope.size());
  of_scope.push_back(static_cast<uint16_t>(all_.rules.size()));
  all_.rules.push_back(rule);
}

void RuleBook::SetSpans() {
  for (const BurstRule& rule : all_.rules) {
    session_span_ = std::max(session_span_,
                             rule.max_duration + rule.quiet + time_.max_clock_skew + kClosingSlack);
  }
  past_span_ =
      std::max({tickets_.reopen_within, tickets_.revise_for, tickets_.revise_risks_for, kDay}) +
      session_span_;
  credentials_span_ = std::max(lookback_, kDay) + past_span_;
}

const CodeClass* RuleBook::LookUp(int64_t code) const {
  const auto begin = all_.codes.begin();
  const auto end = begin + static_cast<ptrdiff_t>(code_classes_.size());
  const auto found = std::lower_bound(begin, end, code);
  return *found == code ? &code_classes_[static_cast<size_t>(found - begin)] : nullptr;
}

bool RuleBook::AdoptRules(const SavedRules& saved, const std::vector<bool>& used, Places* places) {
  const size_t configured = size();
  places->assign(saved.rules.size(), kNowhere);
  for (size_t i = 0; i < saved.rules.size(); ++i) {
    const auto begin = all_.rules.begin();
    const auto end = begin + static_cast<ptrdiff_t>(configured);
    const auto same = std::find_if(begin, end, [&](const BurstRule& rule) {
      return rule.name == saved.rules[i].name && rule.group_by == saved.rules[i].group_by;
    });
    if (same != end) {
      (*places)[i] = static_cast<uint16_t>(same - begin);
    } else if (used[i]) {
      if (size() - configured == kRetiredRulesMax) return false;
      (*places)[i] = static_cast<uint16_t>(size());
      BurstRule retired = saved.rules[i];
      retired.codes.clear();
      AddRule(retired);
    }
  }
  SetSpans();
  return true;
}

RuleBook::Places RuleBook::AdoptCodes(const SavedRules& saved, const std::vector<bool>& used) {
  Places places(saved.codes.size(), kNowhere);
  for (size_t i = 0; i < saved.codes.size(); ++i) {
    if (!used[i]) continue;
    const auto found = std::find(all_.codes.begin(), all_.codes.end(), saved.codes[i]);
    places[i] = static_cast<uint16_t>(found - all_.codes.begin());
    if (found == all_.codes.end()) all_.codes.push_back(saved.codes[i]);
  }
  return places;
}

}  // namespace signinwatch
