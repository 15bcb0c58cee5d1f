#include "tests/daemon/signals/signal_compare.h"

#include <sstream>

namespace signinwatch::signals {
namespace {

template <typename Tag>
std::string IdText(const NamedId<Tag>& id) {
  std::ostringstream out;
  out << static_cast<int>(id.form) << ':' << id.hi << ':' << id.lo;
  return out.str();
}

}  // namespace

std::string Describe(const Signal& s, const ParsedMessage& m) {
  std::ostringstream out;
  const auto text = [&](const char* name, TextRef ref) {
    out << ' ' << name << "='" << m.Text(ref) << '\'';
  };
  out << CategoryName(s.category) << ' ' << FormatEventTime(s.event_time)
      << " export=" << s.export_time.time_since_epoch().count() << " interactive=" << s.interactive
      << " guest=" << s.guest << " modern=" << s.modern_client << " code=" << s.code
      << " tenant=" << IdText(s.tenant) << " user=" << IdText(s.user) << " id=" << IdText(s.id)
      << " address=" << FormatIpAddress(s.address) << '/' << s.address.present
      << " keys=" << s.device_key << ',' << s.country_key;
  text("tenant", s.tenant_text);
  text("user", s.user_text);
  text("id", s.id_text);
  text("upn", s.user_principal_name);
  text("app", s.app_id);
  text("app_name", s.app_name);
  text("device", s.device_id);
  text("country", s.country);
  text("correlation", s.correlation_id);
  text("home", s.home_tenant);
  text("mfa", s.mfa_method);
  const bool has = s.detail != kNoDetail;
  if (s.is_audit()) {
    const AuditDetail detail = has ? m.audits.at(s.detail) : AuditDetail();
    out << " success=" << detail.success;
    text("operation", detail.operation);
    text("actor_upn", detail.actor_user_principal_name);
    text("actor_id", detail.actor_user_id);
    text("actor_app", detail.actor_app_display_name);
    text("actor_spn", detail.actor_service_principal_name);
    text("actor_spid", detail.actor_service_principal_id);
    text("actor_app_id", detail.actor_app_id);
    text("target", detail.target_name);
  } else if (s.is_risk_event()) {
    const RiskDetail detail =
        has ? m.risks.at(s.detail)
            : RiskDetail{.type = {}, .level = {}, .state = {}, .last_updated = s.event_time};
    text("type", detail.type);
    text("level", detail.level);
    text("state", detail.state);
    out << " updated=" << FormatEventTime(detail.last_updated);
  } else if (!s.is_success()) {
    const FailureDetail detail = has ? m.failures.at(s.detail) : FailureDetail();
    out << " access=" << static_cast<int>(detail.conditional_access)
        << " risk=" << static_cast<int>(detail.risk);
    text("client", detail.client);
    text("token", detail.token_type);
    text("session", detail.session);
    for (uint32_t i = detail.policies_begin; i < detail.policies_end; ++i) {
      text("policy", m.failing_policies.at(i));
    }
  }
  return out.str();
}

}  // namespace signinwatch::signals
