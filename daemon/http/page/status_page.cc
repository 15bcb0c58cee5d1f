#include "daemon/http/page/status_page.h"

#include <string>

#include "daemon/http/page/burning.h"
#include "daemon/http/page/failure_chart.h"
#include "daemon/http/page/html.h"
#include "daemon/http/page/layout.h"
#include "daemon/http/page/sight.h"
#include "daemon/http/page/stream_health.h"
#include "daemon/http/words.h"
#include "daemon/log/log.h"

namespace signinwatch::http {

namespace {

// An instance of the role ingest, which makes no tickets.
HttpReply IngestPage(const pipeline::ServeStatus& status) {
  Html main;
  main.Add(R"({}<div data-renew>
<section aria-labelledby="stream"><h1 id="stream">The stream</h1>
<p>This instance has the role ingest: it reads and parses records, and sends the instances of the role detect what
they need. Those make the tickets.</p>
{}</section>
</div>
<p class="note">As of {}. All times are UTC.</p>
)",
           ProblemsHtml(status), StreamHealthHtml(status), MomentHtml(status.now));
  return PageReply("signinwatch", "/", main);
}

}  // namespace

HttpReply StatusPage(store::TicketStore& store, const pipeline::ServeStatus& status,
                     const PageContext& context) {
  if (status.role == config::Role::kIngest) return IngestPage(status);
  const std::string blind = WhyBlind(status);
  Burning burning;
  Html review_html;
  Html burning_html;
  Html quiet_html;
  Html resolved_html;
  if (const absl::Status found = FindBurning(store, &burning); found.ok()) {
    review_html = NeedsReviewHtml(burning, blind, context);
    burning_html = BurningHtml(burning, blind, context);
    quiet_html = QuietHtml(burning, context);
    resolved_html = ResolvedHtml(burning, context);
  } else {
    log::Log(config::LogLevel::kWarning, "the store did not answer for the status page",
             {{"error", std::string(found.message())}});
    review_html.Add("<p class=\"bad\">The tickets can't be read just now; the log says why.</p>");
    burning_html = resolved_html = review_html;
  }
  Html main;
  main.Add(R"({}<div class="columns" data-renew>
<div>
<section aria-labelledby="review"><h1 id="review">Needs review</h1>
{}</section>
<section aria-labelledby="burning"><h2 id="burning">Burning now</h2>
{}</section>
{}<section aria-labelledby="over"><h2 id="over">Recently over</h2>
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
           ProblemsHtml(status), review_html, burning_html, quiet_html, resolved_html,
           FailureChart(status.failures, status.watermark, blind), StreamHealthHtml(status),
           MomentHtml(status.now));
  const std::string title = burning.open_total == 0
                                ? "signinwatch"
                                : "(" + Thousands(burning.open_total) + ") signinwatch";
  return PageReply(title, "/", main);
}

}  // namespace signinwatch::http
