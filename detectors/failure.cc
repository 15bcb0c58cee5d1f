#include "detectors/failure.h"

#include <algorithm>

namespace signinwatch {
namespace {

FailureProfile ProfileOf(const Signal& signal, const ParsedMessage& message, ProfileId guess,
                         TextPool* pool, FailureProfiles* profiles) {
  const FailureProfile& like = profiles->Get(guess);
  FailureProfile profile;
  profile.home_tenant = pool->Intern(message.Text(signal.home_tenant), like.home_tenant);
  if (signal.detail == kNoDetail) return profile;
  const FailureDetail& detail = message.failures[signal.detail];
  profile.conditional_access = detail.conditional_access;
  profile.risk = detail.risk;
  profile.client = pool->Intern(message.Text(detail.client), like.client);
  profile.token_type = pool->Intern(message.Text(detail.token_type), like.token_type);
  std::vector<TextId>& policies = profile.failing_policies;
  const size_t kept_end = detail.policies_begin + FailureProfile::kPoliciesMax;
  if (detail.policies_end > kept_end) profiles->NoteCut();
  for (size_t i = detail.policies_begin; i < std::min<size_t>(detail.policies_end, kept_end); ++i) {
    const TextId policy = pool->Intern(message.Text(message.failing_policies[i]));
    if (policy != 0) policies.push_back(policy);
  }
  std::sort(policies.begin(), policies.end());
  policies.erase(std::unique(policies.begin(), policies.end()), policies.end());
  return profile;
}

}  // namespace

Failure MakeFailure(const Signal& signal, const ParsedMessage& message, uint16_t code_index,
                    const Failure& like, TextPool* pool, FailureProfiles* profiles) {
  const auto text = [&](TextRef ref, TextId guess = 0) {
    return pool->Intern(message.Text(ref), guess);
  };
  Failure failure;
  failure.time = signal.event_time;
  if (signal.id.form == IdForm::kGuid) {
    failure.id = {signal.id.hi, signal.id.lo, 0};
  } else if (signal.id.present()) {
    failure.id = {0, 0, text(signal.id_text)};
  }
  failure.address_hi = signal.address.hi;
  failure.address_lo = signal.address.lo;
  failure.has_address = signal.address.present;
  if (signal.user.present()) {
    failure.user = {text(signal.user_text, like.user.text), signal.user.form == IdForm::kName};
  }
  failure.user_principal_name = text(signal.user_principal_name, like.user_principal_name);
  failure.app_id = text(signal.app_id, like.app_id);
  failure.app_name = text(signal.app_name, like.app_name);
  failure.device = text(signal.device_id, like.device);
  failure.country = text(signal.country, like.country);
  failure.code_index = code_index;
  failure.guest = signal.guest;
  failure.adfs = signal.category == Category::kAdfsSignIn;
  if (signal.detail != kNoDetail) {
    const FailureDetail& detail = message.failures[signal.detail];
    failure.session = text(detail.session, like.session);
    failure.risky = detail.risk >= SignInRisk::kMedium;
  }
  failure.profile =
      profiles->Intern(ProfileOf(signal, message, like.profile, pool, profiles), like.profile);
  return failure;
}

}  // namespace signinwatch
