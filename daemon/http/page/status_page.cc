#include "daemon/http/page/status_page.h"

#include <string>

#include "daemon/http/page/burning.h"
#include "daemon/http/page/failure_chart.h"
#include "daemon/http/page/html.h"
#include "daemon/http/page/layout.h"
#include "daemon/http/page/stream_health.h"
#include "daemon/http/words.h"
#include "daemon/log/log.h"

namespace signinwatch {

HttpReply StatusPage(Store& store, const ServeStatus& status) {
  Burning burning;
  Html burning_html;
  Html resolved_html;
  if (const absl::Status found = FindBurning(store, &burning); found.ok()) {
    burning_html = BurningHtml(burning, status.now);
    resolved_html = ResolvedHtml(burning, status.now);
  } else {
    Log(LogLevel::kWarning, "the store did not answer for the status page",
        {{"error", std::string(found.message())}});
    burning_html.Add("<p class=\"bad\">The tickets can't be read just now; the log says why.</p>");
  }
  Html main;
  main.Add(R"({}<div class="columns">
<div>
<section aria-labelledby="burning"><h1 id="burning">Burning now</h1>
{}</section>
<section aria-labelledby="over"><h2 id="over">Recently over</h2>
{}</section>
</div>
<div>
<section aria-labelledby="chart"><h2 id="chart">Watched failures by code</h2>
{}</section>
<section aria-labelledby="stream"><h2 id="stream">The stream</h2>
{}</section>
</div>
</div>
<p class="note">As of {}. All times are UTC.</p>
)",
           ProblemsHtml(status), burning_html, resolved_html,
           FailureChart(status.failures, status.watermark), StreamHealthHtml(status),
           MomentHtml(status.now));
  const std::string title = burning.open_total == 0
                                ? "signinwatch"
                                : "(" + Thousands(burning.open_total) + ") signinwatch";
  return PageReply(title, "/", main);
}

}  // namespace signinwatch
