#include "daemon/http/page/links.h"

#include <algorithm>

#include "parser/ids.h"

namespace signinwatch::http {

Html TenantLink(const std::string& id, const PageContext& context) {
  Html html;
  if (id.empty()) return html;
  return html.Add("<a href=\"/tenant?id={}\"><bdi>{}</bdi></a>", EscapeQuery(id),
                  context.TenantName(id));
}

std::string UserPagePath(const std::string& tenant_id, const std::string& user) {
  return "/user?tenant=" + EscapeQuery(tenant_id) + "&id=" + EscapeQuery(user);
}

Html UserLink(const std::string& tenant_id, const std::string& user_id, const std::string& name) {
  Html html;
  const std::string& user = user_id.empty() ? name : user_id;
  if (user.empty()) return html;
  return html.Add("<a href=\"{}\"><bdi>{}</bdi></a>", UserPagePath(tenant_id, user),
                  name.empty() ? user_id : name);
}

Html SearchLink(const std::string& text, const std::string& shown) {
  // A quote ends what is looked for as one.
  std::string whole = text;
  std::replace(whole.begin(), whole.end(), '"', ' ');
  Html html;
  return html.Add("<a href=\"/tickets?q={}\"><bdi>{}</bdi></a>", EscapeQuery("\"" + whole + "\""),
                  shown);
}

Html EntraLink(const std::string& tenant_id, const std::string& user_id) {
  Html html;
  if (!ParseLowerGuid(tenant_id) || !ParseLowerGuid(user_id)) return html;
  return html.Add(
      "<a href=\"https://entra.microsoft.com/{}/#view/Microsoft_AAD_UsersAndTenants/"
      "UserProfileMenuBlade/~/overview/userId/{}\" rel=\"noreferrer noopener\" "
      "target=\"_blank\">Entra admin center</a>",
      tenant_id, user_id);
}

}  // namespace signinwatch::http
