// Decides who answers a request on the CRM's index.php: the CRM or the plugin that does its Google sync.
//
// The CRM dispatches on PHP's $_REQUEST: `module=Google` counts the same in the query and in a POST body, and its
// own buttons put it into the body, where nginx alone cannot see it. So this reads both, by PHP's rules:
// https://www.php.net/manual/en/language.variables.external.php and main/php_variables.c, main/rfc1867.c.
//
// Written for njs 0.7.9 (Debian 12): no Map, no optional chaining, no `for … of`.

const PLUGIN = '@gsync_plugin';
const CRM = '@gsync_crm';
const OWN = '@gsync_own';

// What the decision needs; everything else is skipped unread.
const WANTED = ['module', 'view', 'action', 'extensionModule'];

// A value that is an array in PHP: it is there and hides an earlier one, but equals no text.
const ARRAY = null;

const DOWN_CODE = 'PLUGIN_DOWN';
const DOWN_ES = 'La sincronización con Google no está disponible en este momento. '
    + 'Inténtelo de nuevo dentro de unos minutos; no se ha perdido nada.';
const DOWN_EN = 'Google sync is not available at the moment. '
    + 'Please try again in a few minutes; nothing has been lost.';

/** Content handler of index.php and of the bare path. */
function route(r) {
    const request = effectiveRequest(r);
    r.variables.gsync_answer = wantsJson(request) ? 'json' : 'html';
    r.internalRedirect(isForPlugin(request) ? PLUGIN : CRM);
}

/** Content handler of the plugin's own addresses under google-sync/. */
function own(r) {
    r.internalRedirect(OWN);
}

/** Answers in place of the plugin when nginx gets none from it.
 *
 * Status 200: the 6.x script in the CRM's pages has no error handler and would wait for ever.
 */
function down(r) {
    r.headersOut['Cache-Control'] = 'no-store';
    if (r.variables.gsync_answer === 'json') {
        r.headersOut['Content-Type'] = 'text/json; charset=UTF-8';
        const error = { code: DOWN_CODE, message: DOWN_ES + ' / ' + DOWN_EN };
        r.return(200, JSON.stringify({ success: false, error: error }));
        return;
    }
    r.headersOut['Content-Type'] = 'text/html; charset=UTF-8';
    r.return(200, '<div class="alert alert-warning" role="alert">'
        + '<p lang="es">' + DOWN_ES + '</p><p lang="en">' + DOWN_EN + '</p></div>\n');
}

function isForPlugin(request) {
    if (request.extensionModule === 'Google') {
        return true;
    }
    return request.module === 'Google' && !isMap(request);
}

/** The map shares the module's name and has nothing to do with sync. The CRM looks at `view` only if there is no
 * `action`. */
function isMap(request) {
    return request.action ? request.action === 'MapAjax' : request.view === 'Map';
}

function wantsJson(request) {
    return Boolean(request.action) || request.view === 'Sync';
}

/** The wanted part of $_REQUEST: per key, the body before the query (request_order = GP). */
function effectiveRequest(r) {
    const request = {};
    readUrlencoded(r.variables.args || '', request);
    readBody(r, request);
    return request;
}

function readBody(r, request) {
    if (r.method !== 'POST') {
        return;
    }
    const contentType = r.headersIn['Content-Type'] || '';
    const kind = contentType.split(/[;, ]/)[0].toLowerCase();
    if (kind === 'application/x-www-form-urlencoded') {
        readUrlencoded(bodyText(r), request);
    } else if (kind === 'multipart/form-data') {
        readMultipart(bodyText(r), boundaryOf(contentType), request);
    }
}

/** The body, or nothing when nginx put it into a file because it outgrew client_body_buffer_size: then the query
 * alone decides. */
function bodyText(r) {
    try {
        return r.requestText || '';
    } catch (e) {
        return '';
    }
}

function readUrlencoded(text, request) {
    text.split('&').forEach(function (pair) {
        const at = pair.indexOf('=');
        const name = decode(at < 0 ? pair : pair.slice(0, at));
        register(request, name, at < 0 ? '' : pair.slice(at + 1), decode);
    });
}

/** Simple fields only; a part with a file name is an upload, and no variable in PHP. */
function readMultipart(text, boundary, request) {
    if (!boundary) {
        return;
    }
    const delimiter = '--' + boundary;
    // A newline in front lets the first delimiter look like all others.
    ('\n' + text).split('\n' + delimiter).slice(1).forEach(function (part) {
        const start = /^\r?\n/.exec(part.slice(0, 2));
        const end = headersEnd(part);
        if (!start || !end) {
            return;
        }
        const field = fieldOf(part.slice(start[0].length, end.headers));
        if (field.name !== undefined && field.filename === undefined) {
            register(request, field.name, part.slice(end.body).replace(/\r$/, ''), asIs);
        }
    });
}

/** Where a part's headers end and its body begins. */
function headersEnd(part) {
    const wide = part.indexOf('\r\n\r\n');
    const narrow = part.indexOf('\n\n');
    if (wide < 0 && narrow < 0) {
        return undefined;
    }
    return narrow < 0 || (wide >= 0 && wide < narrow)
        ? { headers: wide, body: wide + 4 }
        : { headers: narrow, body: narrow + 2 };
}

/** `name` and `filename` of a part, from its Content-Disposition. */
function fieldOf(headers) {
    const field = {};
    headers.split('\n').forEach(function (line) {
        const header = /^content-disposition\s*:(.*)$/i.exec(line.replace(/\r$/, ''));
        if (!header) {
            return;
        }
        const pattern = /(?:^|[;\s])(name|filename)=("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|[^;\s]*)/gi;
        let found;
        while ((found = pattern.exec(header[1])) !== null) {
            field[found[1].toLowerCase()] = unquote(found[2]);
        }
    });
    return field;
}

function unquote(word) {
    return /^["']/.test(word) ? word.slice(1, -1).replace(/\\(["'\\])/g, '$1') : word;
}

function boundaryOf(contentType) {
    const found = /boundary[^=]*=(?:"([^"]*)"|([^",;]*))/i.exec(contentType);
    return found ? found[1] || found[2] : undefined;
}

/** Sets a variable as PHP would; the last of several wins, also when it is empty or an array. */
function register(request, rawName, rawValue, read) {
    const name = rawName.replace(/^ +/, '').split('\u0000')[0];
    const bracket = name.indexOf('[');
    const isArray = bracket > 0 && name.indexOf(']', bracket) > 0;
    const key = isArray ? name.slice(0, bracket) : name;
    if (WANTED.indexOf(key) >= 0) {
        request[key] = isArray ? ARRAY : read(rawValue);
    }
}

function asIs(text) {
    return text;
}

/** Percent and plus as in PHP: a % without two hex digits after it stays, and no text is refused. */
function decode(text) {
    if (text.indexOf('%') < 0 && text.indexOf('+') < 0) {
        return text;
    }
    return text.replace(/\+/g, ' ').replace(/%([0-9a-fA-F]{2})/g, function (_, hex) {
        return String.fromCharCode(parseInt(hex, 16));
    });
}

export default { route, own, down };
