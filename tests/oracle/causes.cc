#include "tests/oracle/causes.h"

#include <algorithm>
#include <tuple>

namespace signinwatch::oracle {
namespace {

// SPEC 4: a record counts if it is a sign-in whose code a detector or SPEC 6.2 names, or a
// credential event of a user.
bool IsCounted(const PlainRecord& r, const OracleConfig& config) {
  if (r.is_audit()) return KindOf(r, config).has_value();
  if (!r.is_sign_in()) return false;
  if (*r.code == 50126 || *r.code == 50055 || *r.code == 50144) return true;
  return std::any_of(config.rules.begin(), config.rules.end(),
                     [&](const OracleRule& rule) { return rule.codes.count(*r.code) > 0; });
}

std::vector<PlainRecord> WithoutDuplicates(const std::vector<PlainRecord>& records,
                                           const OracleConfig& config) {
  std::vector<PlainRecord> unique;
  std::set<std::tuple<std::string, std::string, std::string>> seen;
  for (const PlainRecord& r : records) {
    if (!r.id.empty() && IsCounted(r, config) &&
        !seen.insert({r.tenant, r.category, r.id}).second) {
      continue;
    }
    unique.push_back(r);
  }
  return unique;
}

// Whole UTC days since 1970; all times are after 2000.
int64_t DayOf(int64_t time_us) { return time_us / kDayUs; }

bool IsSuccess(const PlainRecord& r) { return r.is_sign_in() && *r.code == 0; }

// SPEC 6.2: the user's own record says so, by the type or the name, and it is at home elsewhere.
bool IsGuest(const PlainRecord& r) {
  const bool called_guest = Lower(r.user_type) == "guest" ||
                            Lower(r.user_principal_name).find("#ext#") != std::string::npos;
  return called_guest && Lower(r.home_tenant) != r.tenant;
}

// Of a familiar source: who holds an AD FS server can forge its records.
bool IsTrustedSuccess(const PlainRecord& r) {
  return IsSuccess(r) && r.category != "ADFSSignInLogs";
}

bool ShowsUserIsBack(const PlainRecord& r) {
  const std::string client = Lower(r.client_app);
  return IsSuccess(r) && r.interactive &&
         (client.empty() || client == "browser" || client == "mobile apps and desktop clients");
}

}  // namespace

// By the first event: the earliest, of several the least id. Where several tie in both, absent is
// the least, as everywhere: one that is no guest's decides.
bool BeginsAsGuest(const UserSpan& span) {
  const auto order = [](const PlainRecord* r) { return std::tie(r->time_us, r->id); };
  const PlainRecord* first =
      *std::min_element(span.events.begin(), span.events.end(),
                        [&](const auto* a, const auto* b) { return order(a) < order(b); });
  return std::all_of(span.events.begin(), span.events.end(),
                     [&](const PlainRecord* r) { return order(r) != order(first) || IsGuest(*r); });
}

Facts::Facts(const std::vector<PlainRecord>& records, const OracleConfig& config)
    : config_(config),
      records_(WithoutDuplicates(records, config)),
      changes_(FindChanges(records_, config)) {
  for (const PlainRecord& r : records_) {
    const auto user = UserOf(r);
    if (r.is_sign_in() && user) signins_[{r.tenant, *user}].push_back(&r);
  }
}

const Events& Facts::SigninsOf(const std::string& tenant, const UserKey& user) const {
  static const Events& none = *new Events();
  const auto it = signins_.find({tenant, user});
  return it == signins_.end() ? none : it->second;
}

// SPEC 6.2: "by object id; by any user principal name of the burst's records if either side has no
// id".
bool Facts::Matches(const Change& change, const UserSpan& span) const {
  if (change.tenant != span.tenant) return false;
  if (!change.user.by_name && !span.user.by_name) return change.user.text == span.user.text;
  return std::any_of(span.events.begin(), span.events.end(), [&](const PlainRecord* r) {
    return !r->user_principal_name.empty() && change.names.count(Lower(r->user_principal_name)) > 0;
  });
}

std::vector<const Change*> Facts::ListedChanges(const UserSpan& span) const {
  const int64_t until = std::max(span.e, span.s + config_.max_clock_skew);
  std::vector<const Change*> listed;
  for (const Change& c : changes_) {
    if (c.time_us >= span.s - config_.lookback && c.time_us <= until && Matches(c, span)) {
      listed.push_back(&c);
    }
  }
  return listed;
}

std::vector<const Change*> Facts::TenantChanges(const std::string& tenant, int64_t s,
                                                int64_t e) const {
  std::vector<const Change*> found;
  for (const Change& c : changes_) {
    if (c.tenant == tenant && c.time_us >= s - kDayUs && c.time_us <= e) found.push_back(&c);
  }
  return found;
}

size_t Facts::CountFailures(const std::string& tenant, const UserKey& user,
                            const std::set<int64_t>& codes, int64_t from, int64_t to) const {
  const Events& signins = SigninsOf(tenant, user);
  return static_cast<size_t>(
      std::count_if(signins.begin(), signins.end(), [&](const PlainRecord* r) {
        return codes.count(*r->code) > 0 && r->time_us >= from && r->time_us <= to;
      }));
}

// `explaining` is not empty: no force_change, all in [s - lookback, s + max_clock_skew].
std::string Facts::ExplainedBy(const std::vector<const Change*>& explaining) const {
  const Change* decisive = nullptr;
  for (const Change* c : explaining) {
    if (c->kind == "revoke") continue;
    if (decisive == nullptr || c->time_us > decisive->time_us ||
        (c->time_us == decisive->time_us && RankOf(c->kind) < RankOf(decisive->kind))) {
      decisive = c;
    }
  }
  if (decisive == nullptr) return "sessions_revoked";
  if (decisive->kind == "change") return "password_changed";
  if (decisive->kind == "self_reset") return "password_reset";
  if (decisive->kind == "admin_reset") return "password_reset_by_admin";
  // Two synchronisations at one time (of an object id and of a name, say) decide together: the
  // contract chooses between kinds only, so one with its 50126 is enough.
  for (const Change* c : explaining) {
    if (c->kind == "sync" && c->time_us == decisive->time_us && !c->user.by_name &&
        CountFailures(c->tenant, c->user, {50126}, c->time_us - kHourUs, c->time_us) > 0) {
      return "sync_delay";
    }
  }
  return "password_synced";
}

std::string Facts::CauseOf(const UserSpan& span) const {
  std::vector<const Change*> explaining;
  for (const Change* c : ListedChanges(span)) {
    if (c->time_us <= span.s + config_.max_clock_skew && c->kind != "force_change") {
      explaining.push_back(c);
    }
  }
  if (!explaining.empty()) return ExplainedBy(explaining);
  if (CountFailures(span.tenant, span.user, {50055, 50144}, span.s - kDayUs, span.e) > 0) {
    return "password_expired";
  }
  if (CountFailures(span.tenant, span.user, {50126}, span.s - kHourUs, span.e) >= 5) {
    return "incorrect_password";
  }
  // At the end of input every burst has closed, so nothing is `pending`.
  return BeginsAsGuest(span) ? "home_tenant" : "unexplained";
}

std::set<const PlainRecord*> Facts::UnfamiliarFailures(const UserSpan& span) const {
  std::set<std::string> networks;
  std::set<std::string> countries;
  std::set<std::string> devices;
  for (const PlainRecord* r : SigninsOf(span.tenant, span.user)) {
    const int64_t day = DayOf(r->time_us);
    const int64_t today = DayOf(span.s);
    const bool on_days_before = day >= today - config_.familiar_days && day < today;
    const bool today_before = day == today && r->time_us < span.s;
    if (!IsTrustedSuccess(*r) || (!on_days_before && !today_before)) continue;
    if (!r->network.empty()) networks.insert(r->network);
    if (!r->country.empty()) countries.insert(r->country);
    if (!r->device_id.empty()) devices.insert(r->device_id);
  }
  std::set<const PlainRecord*> unfamiliar;
  if (networks.empty()) return unfamiliar;
  for (const PlainRecord* r : span.events) {
    // Never unfamiliar, whichever of the three the configuration asks for.
    if (r->network.empty() || r->country.empty()) continue;
    if (config_.unfamiliar_address && networks.count(r->network) > 0) continue;
    if (config_.unfamiliar_country && countries.count(r->country) > 0) continue;
    if (config_.unfamiliar_device && devices.count(r->device_id) > 0) continue;
    unfamiliar.insert(r);
  }
  return unfamiliar;
}

std::optional<int64_t> Facts::BackAt(const std::string& tenant, const UserKey& user, int64_t from,
                                     int64_t until) const {
  std::optional<int64_t> earliest;
  for (const PlainRecord* r : SigninsOf(tenant, user)) {
    if (!ShowsUserIsBack(*r) || r->time_us < from || r->time_us >= until) continue;
    if (!earliest || r->time_us < *earliest) earliest = r->time_us;
  }
  return earliest;
}

}  // namespace signinwatch::oracle
