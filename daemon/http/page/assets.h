// Files that are part of the program: those of this folder, deploy/openapi.yaml and
// deploy/RUNBOOK.md, put into the binary by the build (cmake/Assets.cmake).
#ifndef SIGNINWATCH_DAEMON_HTTP_PAGE_ASSETS_H_
#define SIGNINWATCH_DAEMON_HTTP_PAGE_ASSETS_H_

namespace signinwatch::http {

extern const char* const kLayoutHtml;  // page.html, with the pieces that layout.h fills in
extern const char* const kPageCss;
extern const char* const kPageJs;
extern const char* const kIconSvg;
extern const char* const kOpenApiYaml;
extern const char* const kRunbookMd;

}  // namespace signinwatch::http

#endif  // SIGNINWATCH_DAEMON_HTTP_PAGE_ASSETS_H_
