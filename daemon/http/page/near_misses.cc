#include "daemon/http/page/near_misses.h"

#include <string>

#include "daemon/http/page/layout.h"
#include "daemon/http/words.h"

namespace signinwatch::http {

Html NearMissesHtml(std::span<const NearMiss> misses) {
  Html html;
  if (misses.empty()) {
    return html.Add(
        "<p class=\"calm\">None so far: no session came within a fifth of a threshold "
        "without being a burst.</p>\n");
  }
  Html rows;
  for (auto miss = misses.rbegin(); miss != misses.rend(); ++miss) {
    std::string what =
        Thousands(miss->events) + " of " + Thousands(miss->threshold_events) + " failures";
    if (miss->scope == GroupBy::kTenant) {
      what += ", " + Thousands(miss->users) + " of " + Thousands(miss->threshold_users) + " users";
    }
    rows.Add("<tr><td>{}</td><td><bdi>{}</bdi></td><td>{}</td><td>{}</td><td>{}</td></tr>\n",
             MomentHtml(miss->first_event_time), miss->user.empty() ? miss->tenant_id : miss->user,
             what,
             ShortSpan(std::chrono::duration_cast<std::chrono::seconds>(miss->last_event_time -
                                                                        miss->first_event_time)),
             miss->detector);
  }
  return html.Add(
      R"(<p>Sessions that came within a fifth of a threshold without being a burst, the latest first.</p>
<div class="wide" tabindex="0" role="group" aria-label="Nearly bursts"><table>
<thead><tr><th scope="col">first failure</th><th scope="col">who</th><th scope="col">fullest window</th><th scope="col">in</th><th scope="col">detector</th></tr></thead>
<tbody>
{}</tbody></table></div>
)",
      rows);
}

}  // namespace signinwatch::http
