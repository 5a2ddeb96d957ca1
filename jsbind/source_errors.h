#ifndef BRAID_JSBIND_SOURCE_ERRORS_H_
#define BRAID_JSBIND_SOURCE_ERRORS_H_

#include <v8-message.h>

#include <string>
#include <string_view>

#include "jsbind/js.h"

namespace braid {

// The place of an error as people read it:
//
//   file:///home/me/main.js:3
//   throw new Error("no");
//         ^
//
// with a newline at the end of each line; empty if V8 knows no place.
std::string FormatPlace(Js& js, v8::Local<v8::Message> message);

// The same from its parts. `column` counts from 0, in UTF-16 units, `width` is
// how many of them to mark.
std::string FormatPlace(std::string_view url, int line,
                        std::string_view source_line, int column, int width);

// Ties a place to an error object, for errors that are made before any JS of
// theirs runs, such as syntax errors and modules that are missing: it is
// printed where the place of the throw would be.
void SetPlace(Js& js, v8::Local<v8::Value> error, std::string_view place);

// The whole report on an uncaught error, as Node prints it: the place, a blank
// line, the stack or the value. `message` may be empty.
std::string FormatUncaught(Js& js, v8::Local<v8::Value> error,
                           v8::Local<v8::Message> message);

}  // namespace braid

#endif  // BRAID_JSBIND_SOURCE_ERRORS_H_
