#include "daemon/http/page/tenants_page.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <map>
#include <string>
#include <vector>

#include "daemon/http/page/html.h"
#include "daemon/http/page/layout.h"
#include "daemon/http/page/ticket_row.h"
#include "daemon/http/problem.h"
#include "daemon/http/words.h"

namespace signinwatch::http {
namespace {

constexpr int kWeek = 7;
// The most severe first.
constexpr std::array<const char*, 5> kSeverities{"critical", "high", "medium", "low", "info"};

struct Tenant {
  std::string id;
  std::array<uint64_t, kSeverities.size()> open{};
  std::array<uint64_t, kTenantDaysShown> by_day{};
  EventTime last = kBeginningOfTime;

  [[nodiscard]] uint64_t InDays(int from, int to) const {
    uint64_t sum = 0;
    for (int day = from; day < to; ++day) sum += by_day[static_cast<size_t>(day)];
    return sum;
  }
  [[nodiscard]] uint64_t total() const { return InDays(0, kTenantDaysShown); }
};

std::vector<Tenant> TenantsOf(const std::vector<store::TenantDay>& days, EventTime first_day) {
  std::map<std::string, Tenant> by_id;
  for (const store::TenantDay& day : days) {
    Tenant& tenant = by_id[day.tenant_id];
    tenant.id = day.tenant_id;
    tenant.last = std::max(tenant.last, day.last_event_time);
    const auto severity = std::find(kSeverities.begin(), kSeverities.end(), day.severity);
    if (day.open && severity != kSeverities.end()) {
      tenant.open[static_cast<size_t>(severity - kSeverities.begin())] += day.tickets;
    }
    const int64_t index = (day.day - first_day) / kDay;
    if (day.day >= first_day && index < kTenantDaysShown) {
      tenant.by_day[static_cast<size_t>(index)] += day.tickets;
    }
  }
  std::vector<Tenant> tenants;
  for (auto& [id, tenant] : by_id) tenants.push_back(std::move(tenant));
  std::stable_sort(tenants.begin(), tenants.end(), [](const Tenant& a, const Tenant& b) {
    return a.open != b.open ? a.open > b.open : a.total() > b.total();
  });
  return tenants;
}

// Bars of one unit a day, each with its number.
Html Trend(const Tenant& tenant, EventTime first_day) {
  constexpr uint64_t kHeight = 20;
  const uint64_t most = *std::max_element(tenant.by_day.begin(), tenant.by_day.end());
  Html bars;
  for (size_t day = 0; day < tenant.by_day.size(); ++day) {
    const uint64_t count = tenant.by_day[day];
    if (count == 0) continue;
    const uint64_t height = std::max<uint64_t>(1, count * kHeight / most);
    bars.Add("<rect x=\"{}.1\" y=\"{}\" width=\".8\" height=\"{}\"><title>{}: {}</title></rect>",
             day, kHeight - height, height,
             MinuteWords(first_day + static_cast<int64_t>(day) * kDay).substr(0, 10),
             CountWords(count, "ticket", "tickets"));
  }
  Html html;
  return html.Add(
      "<svg class=\"trend\" viewBox=\"0 0 {} {}\" preserveAspectRatio=\"none\" role=\"img\" "
      "aria-label=\"{} in {} days, at most {} in one\">{}</svg>",
      kTenantDaysShown, kHeight, CountWords(tenant.total(), "ticket", "tickets"), kTenantDaysShown,
      most, bars);
}

Html OpenTickets(const Tenant& tenant) {
  Html html;
  for (size_t i = 0; i < kSeverities.size(); ++i) {
    if (tenant.open[i] == 0) continue;
    html.Add("<span class=\"badge {}\">{} {}</span> ", kSeverities[i], Thousands(tenant.open[i]),
             kSeverities[i]);
  }
  if (html.empty()) html.Add("none");
  return html;
}

Html Row(const Tenant& tenant, EventTime first_day, const PageContext& context) {
  const uint64_t week = tenant.InDays(kTenantDaysShown - kWeek, kTenantDaysShown);
  const uint64_t before = tenant.InDays(kTenantDaysShown - 2 * kWeek, kTenantDaysShown - kWeek);
  Html html;
  return html.Add(
      "<tr><th scope=\"row\"><a class=\"row-link\" "
      "href=\"/tenant?id={}\"><bdi>{}</bdi></a></th><td>{}</td>"
      "<td>{}</td><td>{}</td><td>{}</td><td>{}</td></tr>\n",
      EscapeQuery(tenant.id), context.TenantName(tenant.id), OpenTickets(tenant), Thousands(week),
      Thousands(before), Trend(tenant, first_day), AgoHtml(tenant.last, context.now));
}

}  // namespace

HttpReply TenantsPage(store::TicketStore& store, const pipeline::ServeStatus& status,
                      const PageContext& context) {
  const EventTime reference = status.watermark == kBeginningOfTime ? status.now : status.watermark;
  const EventTime first_day =
      std::chrono::floor<std::chrono::days>(reference) - (kTenantDaysShown - 1) * kDay;
  std::vector<store::TenantDay> days;
  if (const absl::Status found = store.TenantDays(first_day, &days); !found.ok()) {
    return StoreProblemReply(found);
  }
  const std::vector<Tenant> tenants = TenantsOf(days, first_day);
  Html rows;
  for (size_t i = 0; i < std::min(tenants.size(), kTenantsShown); ++i) {
    rows.Add(Row(tenants[i], first_day, context));
  }
  if (tenants.size() > kTenantsShown) {
    rows.Add("<tr><td colspan=\"6\">and {} more, with fewer tickets</td></tr>\n",
             Thousands(tenants.size() - kTenantsShown));
  }
  if (tenants.empty()) {
    rows.Add("<tr><td colspan=\"6\">no tenant had a burst in this time</td></tr>\n");
  }
  Html main;
  main.Add(R"(<section>
<h1>Tenants</h1>
<p class="note">{} with tickets of the {} days up to {}, by the day on which a burst began</p>
<div class="wide" tabindex="0" role="group" aria-label="Tenants"><table class="numbers tenants">
<thead><tr><th scope="col">tenant</th><th scope="col">open tickets</th><th scope="col">last 7 days</th><th scope="col">7 days before</th><th scope="col">{} days</th><th scope="col">last failure</th></tr></thead>
<tbody>
{}</tbody></table></div>
</section>
)",
           CountWords(tenants.size(), "tenant", "tenants"), kTenantDaysShown,
           MinuteWords(reference), kTenantDaysShown, rows);
  return PageReply("Tenants - signinwatch", "/tenants", main);
}

}  // namespace signinwatch::http
