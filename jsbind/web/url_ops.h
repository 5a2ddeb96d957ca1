#ifndef BRAID_JSBIND_WEB_URL_OPS_H_
#define BRAID_JSBIND_WEB_URL_OPS_H_

#include "jsbind/module_def.h"

namespace braid {

// "internal:ops/url": the URL standard's parser and setters, by ada.
//
//   parse(url, base)           the serialised URL, or undefined if it is none;
//                              base may be undefined
//   canParse(url, base)        boolean
//   domainToUnicode(domain)    of one in ASCII
//   update(href, part, value)  the URL after the setter of that part; undefined
//                              if the setter changes nothing
//   Part                       { Protocol, Username, ... }: numbers of the
//                              parts
//   components                 Uint32Array: where the parts of the URL that
//                              parse() or update() gave begin and end, in the
//                              order of ada::url_components; 0xffffffff for
//                              what it has not
//
// Serialised URLs are ASCII, so offsets count characters.
void DefineUrlOps(ModuleDef& module);

}  // namespace braid

#endif  // BRAID_JSBIND_WEB_URL_OPS_H_
