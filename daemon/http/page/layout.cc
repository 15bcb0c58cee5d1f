#include "daemon/http/page/layout.h"

#include <chrono>

#include "daemon/http/page/assets.h"
#include "daemon/http/words.h"

namespace signinwatch::http {

HttpReply PageReply(const std::string& title, const std::string& current, const Html& main,
                    int status) {
  const struct {
    const char* path;
    const char* name;
  } places[] = {
      {"/", "Status"},         {"/tickets", "Tickets"},         {"/tenants", "Tenants"},
      {"/runbook", "Runbook"}, {"/capacity", "Capacity"},       {"/instances", "Instances"},
      {"/metrics", "Metrics"}, {"/api/v1/openapi.yaml", "API"},
  };
  Html navigation;
  for (const auto& [path, name] : places) {
    if (path == current) {
      navigation.Add("<a href=\"{}\" aria-current=\"page\">{}</a>", path, name);
    } else {
      navigation.Add("<a href=\"{}\">{}</a>", path, name);
    }
  }
  Html page;
  page.Add(kLayoutHtml, title, navigation, main);
  return {.status = status, .content_type = kHtmlType, .body = page.text()};
}

Html AgoHtml(EventTime time, EventTime now) {
  const bool recent = time <= now && now - time < 7 * kDay;
  Html html;
  html.Add("<time datetime=\"{}\" title=\"{}\">{}</time>", FormatEventTime(time), SecondWords(time),
           recent ? ShortSpan(now - time) + " ago" : MinuteWords(time));
  return html;
}

Html MomentHtml(EventTime time) {
  Html html;
  html.Add("<time datetime=\"{}\">{}</time>", FormatEventTime(time), SecondWords(time));
  return html;
}

}  // namespace signinwatch::http
