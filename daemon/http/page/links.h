// Names that lead to what is known of them: users, tenants, applications and what else a ticket
// lists.
#ifndef SIGNINWATCH_DAEMON_HTTP_PAGE_LINKS_H_
#define SIGNINWATCH_DAEMON_HTTP_PAGE_LINKS_H_

#include <string>

#include "daemon/http/page/html.h"
#include "daemon/http/page/page_context.h"
#include "daemon/json/json_value.h"

namespace signinwatch::http {

// The tenant by its name, to its page; empty without an id.
[[nodiscard]] Html TenantLink(const std::string& id, const PageContext& context);
// A user by name, or by id where there is none, to the page of that user.
[[nodiscard]] Html UserLink(const std::string& tenant_id, const std::string& user_id,
                            const std::string& name);
[[nodiscard]] std::string UserPagePath(const std::string& tenant_id, const std::string& user);
// To the tickets that name `text` as a whole; shown as `shown`.
[[nodiscard]] Html SearchLink(const std::string& text, const std::string& shown);

// The user's page in the Entra admin center; empty where the ids are no object ids.
[[nodiscard]] Html EntraLink(const std::string& tenant_id, const std::string& user_id);

}  // namespace signinwatch::http

#endif  // SIGNINWATCH_DAEMON_HTTP_PAGE_LINKS_H_
