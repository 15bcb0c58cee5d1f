// Watched failures by code over a day: stacked bars, drawn here, with the same numbers as a table.
#ifndef SIGNINWATCH_DAEMON_HTTP_PAGE_FAILURE_CHART_H_
#define SIGNINWATCH_DAEMON_HTTP_PAGE_FAILURE_CHART_H_

#include <string>
#include <vector>

#include "daemon/http/page/html.h"
#include "daemon/store/state_store.h"
#include "parser/event_time.h"

namespace signinwatch::http {

// The day ends with the hour of the latest of the failures, or of the watermark if that is later.
// The four most frequent codes have a colour of their own; the rest is one more. `blind`: WhyBlind.
[[nodiscard]] Html FailureChart(const std::vector<store::FailureCount>& failures,
                                EventTime watermark, const std::string& blind = {});

}  // namespace signinwatch::http

#endif  // SIGNINWATCH_DAEMON_HTTP_PAGE_FAILURE_CHART_H_
