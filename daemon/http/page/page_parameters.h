// The query of a page that is about one thing: each parameter has to be there, once, and no other.
#ifndef SIGNINWATCH_DAEMON_HTTP_PAGE_PAGE_PARAMETERS_H_
#define SIGNINWATCH_DAEMON_HTTP_PAGE_PAGE_PARAMETERS_H_

#include <string>
#include <utility>
#include <vector>

#include "daemon/http/http_exchange.h"
#include "daemon/http/page/html.h"
#include "daemon/http/problem.h"

namespace signinwatch::http {

[[nodiscard]] std::vector<ParameterProblem> ReadPageParameters(
    const HttpRequest& request,
    const std::vector<std::pair<std::string, std::string*>>& parameters);

[[nodiscard]] Html ProblemsHtml(const std::vector<ParameterProblem>& problems);
// 400, as a page.
[[nodiscard]] HttpReply ProblemsPage(const std::string& title,
                                     const std::vector<ParameterProblem>& problems);

}  // namespace signinwatch::http

#endif  // SIGNINWATCH_DAEMON_HTTP_PAGE_PAGE_PARAMETERS_H_
