#include "bench/fold/traffic.h"

#include <algorithm>
#include <chrono>
#include <iterator>
#include <string>

#include "parser/ids.h"

namespace signinwatch {
namespace {

using generator::Mix;

constexpr uint64_t kCountries = 40;
constexpr uint64_t kNetworksOnTheWay = 20'000;
constexpr uint64_t kFailuresOfClient = 30;
constexpr size_t kSuccessesOfTenant = 32;
constexpr Duration kDisorder = std::chrono::minutes(10);
constexpr EventTime kStart{std::chrono::days(20'500)};  // 2026-02-16

// One salt for each thing that is a function of the user's number.
enum Salt : uint64_t { kUserHi = 1, kUserLo, kTenantHi, kTenantLo, kHome, kLaptop, kPhone };

IpAddress AddressV4(uint64_t bits) {
  return {0, uint64_t{0xffff} << 32 | (bits & 0xffffffff), true};
}

TextRef Append(std::string_view text, ParsedMessage* message) {
  const auto offset = static_cast<uint32_t>(message->text.size());
  message->text.append(text);
  return {offset, static_cast<uint32_t>(text.size())};
}

std::string TenantText(uint64_t tenant) {
  return FormatGuid(Mix(tenant, kTenantHi), Mix(tenant, kTenantLo));
}
constexpr uint32_t kGuidSize = 36;
// By which most pass MFA.
constexpr std::string_view kMfaMethod = "Mobile app notification";

}  // namespace

FoldTraffic::FoldTraffic(uint64_t users)
    : users_(users),
      failing_clients_(std::clamp<uint64_t>(users / 256, 1, 10'000)),
      tenants_(5 * failing_clients_),
      random_(users),
      now_(kStart) {
  for (size_t i = 0; i < failing_clients_; ++i) failing_.push_back(UserOf(random_.Below(tenants_)));
}

// Every message begins with the texts of all tenants and the method of MFA.
void FoldTraffic::Clear(ParsedMessage* message) const {
  message->signals.clear();
  message->failures.clear();
  message->failing_policies.clear();
  message->text.resize(
      std::min<size_t>(message->text.size(), tenants_ * kGuidSize + kMfaMethod.size()));
  if (!message->text.empty()) return;
  for (uint64_t tenant = 0; tenant < tenants_; ++tenant) message->text += TenantText(tenant);
  message->text += kMfaMethod;
}

void FoldTraffic::Introduce(uint64_t first, uint64_t count, ParsedMessage* message) {
  Clear(message);
  for (uint64_t user = first; user < first + count; ++user) {
    for (const bool away : {false, true}) {
      message->signals.push_back(SuccessOf({user, away}));
      message->signals.back().event_time = now_;
    }
  }
}

void FoldTraffic::Fill(Kind kind, size_t count, ParsedMessage* message) {
  constexpr Duration kBetweenSuccesses = kDay / 72;
  constexpr Duration kBetweenFailures = std::chrono::seconds(10);
  // Rounded at random, so that the steps of large populations, below a microsecond, add up.
  const auto step = [&](Duration all, uint64_t of) {
    return Duration((static_cast<uint64_t>(all.count()) + random_.Below(of)) / of);
  };
  Clear(message);
  uint64_t tenant = 0;
  for (size_t i = 0; i < count; ++i) {
    const bool away = random_.Percent(30);
    if (kind == Kind::kSuccesses) {
      if (i % kSuccessesOfTenant == 0) tenant = random_.Below(tenants_);
      message->signals.push_back(SuccessOf({UserOf(tenant), away}));
      message->signals.back().event_time = Now(step(kBetweenSuccesses, users_));
    } else {
      message->signals.push_back(FailureOf({FailingUser(), away}, message));
      message->signals.back().event_time = Now(step(kBetweenFailures, failing_clients_));
    }
  }
}

uint64_t FoldTraffic::UserOf(uint64_t tenant) {
  return tenants_ * random_.Below(users_ / tenants_) + tenant;
}

EventTime FoldTraffic::Now(Duration step) {
  now_ += step;
  return now_ - Duration(random_.Below(static_cast<uint64_t>(kDisorder.count())));
}

uint64_t FoldTraffic::FailingUser() {
  uint64_t& client = failing_[random_.Below(failing_.size())];
  const uint64_t user = client;
  if (random_.OneIn(kFailuresOfClient)) client = UserOf(random_.Below(tenants_));
  return user;
}

Signal FoldTraffic::SuccessOf(const Place& place) {
  const uint64_t user = place.user;
  const uint64_t tenant = user % tenants_;
  Signal signal;
  signal.category = place.away ? Category::kSignIn : Category::kNonInteractiveSignIn;
  signal.interactive = place.away;
  signal.modern_client = true;
  signal.tenant = {Mix(tenant, kTenantHi), Mix(tenant, kTenantLo), IdForm::kGuid};
  signal.user = {Mix(user, kUserHi), Mix(user, kUserLo), IdForm::kGuid};
  signal.id = {random_.Next(), random_.Next(), IdForm::kGuid};
  signal.tenant_text = {static_cast<uint32_t>(tenant * kGuidSize), kGuidSize};
  signal.address = AddressV4(place.away ? Mix(user) % kNetworksOnTheWay << 8 : Mix(user, kHome));
  signal.device_key = Mix(user, place.away ? kPhone : kLaptop);
  signal.country_key = Mix(tenant % kCountries);
  signal.mfa_method = {static_cast<uint32_t>(tenants_ * kGuidSize),
                       static_cast<uint32_t>(kMfaMethod.size())};
  return signal;
}

Signal FoldTraffic::FailureOf(const Place& place, ParsedMessage* message) {
  static constexpr std::string_view kCountryTexts[] = {"DE", "FR", "US", "JP", "BR"};
  static constexpr std::string_view kApps[] = {"Microsoft Teams", "Office 365 Exchange Online",
                                               "Windows Sign In"};
  Signal signal = SuccessOf(place);
  signal.code = 50132;
  signal.mfa_method = {};
  signal.detail = static_cast<uint32_t>(message->failures.size());
  FailureDetail& detail = message->failures.emplace_back();
  detail.conditional_access = ConditionalAccessStatus::kSuccess;
  detail.client = Append("Mobile Apps and Desktop clients", message);
  detail.token_type = Append(place.away ? "refreshToken" : "primaryRefreshToken", message);
  detail.session = Append(FormatGuid(Mix(place.user), place.away), message);
  detail.policies_begin = static_cast<uint32_t>(message->failing_policies.size());
  if (random_.Percent(5)) {
    detail.conditional_access = ConditionalAccessStatus::kFailure;
    message->failing_policies.push_back(Append("Require compliant device", message));
  }
  detail.policies_end = static_cast<uint32_t>(message->failing_policies.size());
  const std::string user = FormatGuid(signal.user.hi, signal.user.lo);
  signal.user_text = Append(user, message);
  signal.user_principal_name = Append(user.substr(0, 13) + "@contoso.example", message);
  const uint64_t app = random_.Below(std::size(kApps));
  signal.app_id = Append(FormatGuid(Mix(app), app), message);
  signal.app_name = Append(kApps[app], message);
  signal.device_id = Append(FormatGuid(signal.device_key, signal.device_key), message);
  const std::string_view country = kCountryTexts[signal.country_key % std::size(kCountryTexts)];
  signal.country = Append(country, message);
  return signal;
}

}  // namespace signinwatch
