// What every page needs to know beside what it shows.
#ifndef SIGNINWATCH_DAEMON_HTTP_PAGE_PAGE_CONTEXT_H_
#define SIGNINWATCH_DAEMON_HTTP_PAGE_PAGE_CONTEXT_H_

#include <memory>
#include <string>

#include "daemon/config/serve_config.h"
#include "parser/event_time.h"

namespace signinwatch::http {

struct PageContext {
  EventTime now;            // wall time
  bool may_change = false;  // who looks may mark tickets and tick steps
  std::shared_ptr<const config::TenantNames> tenants = {};  // nullptr: no tenant has a name

  // The name of a tenant; its id, where the configuration gives it none.
  [[nodiscard]] std::string TenantName(const std::string& id) const {
    if (tenants == nullptr) return id;
    const auto found = tenants->find(id);
    return found == tenants->end() ? id : found->second;
  }
};

}  // namespace signinwatch::http

#endif  // SIGNINWATCH_DAEMON_HTTP_PAGE_PAGE_CONTEXT_H_
