"""What the demo says, in Spanish and English; the terminal's LANG chooses, Spanish if it chooses neither."""

import os

WORDS: dict[str, tuple[str, str]] = {
    "mariadb": ("MariaDB: la base de datos del CRM", "MariaDB: the CRM's database"),
    "redis": ("Redis: la cola de sincronizaciones", "Redis: the queue of syncs"),
    "google": ("Google, simulado", "Google, simulated"),
    "crm": ("CRM de muestra", "Sample CRM"),
    "tables": ("Tablas y credenciales del plugin", "The plugin's tables and credentials"),
    "plugin": ("Plugin bajo gunicorn", "The plugin under gunicorn"),
    "workers": ("Procesos que sincronizan", "Sync workers"),
    "nginx": ("nginx delante de todo", "nginx in front of it all"),
    "starting": ("Arrancando CRM, Google y el plugin…", "Starting CRM, Google and the plugin…"),
    "syncing": (
        "{user} se conecta con Google y sincroniza su calendario…",
        "{user} connects with Google and syncs the calendar…",
    ),
    "syncing_contacts": (
        "{user} hace lo mismo con sus contactos…",
        "{user} does the same with the contacts…",
    ),
    "contacts_same": (
        "{seconds:.1f} s. Los {count} contactos son los mismos en los dos lados: nombre, correos, teléfonos;"
        " en ambos desde antes: {common}.",
        "{seconds:.1f} s. All {count} contacts are the same on both sides: name, e-mails, telephones;"
        " on both before: {common}.",
    ),
    "people": ("{count} contactos", "{count} contacts"),
    "created": ("añadidos", "created"),
    "updated": ("cambiados", "updated"),
    "deleted": ("eliminados", "deleted"),
    "skipped": ("omitidos", "skipped"),
    "before": ("antes", "before"),
    "after": ("después", "after"),
    "counted": (
        "{singles} eventos y {series} series ({size} citas)",
        "{singles} events and {series} series ({size} appointments)",
    ),
    "series_is_one": (
        "Google añade una serie de una vez: cuenta como un añadido. El CRM tiene una actividad por cita.",
        "Google adds a series at once: it counts as one created. The CRM has an activity per appointment.",
    ),
    "took": (
        "{seconds:.1f} s. Las {count} citas, de {first} a {last}, son iguales en los dos lados: asunto, lugar, comienzo y fin.",
        "{seconds:.1f} s. All {count} appointments, {first} to {last}, are the same on both sides: subject, place, start, end.",
    ),
    "left": ("Quedan como estaban {tasks} tareas.", "Left as they were: {tasks} tasks."),
    "wrong": ("El resultado no es el que debía ser:", "The outcome is not what it had to be:"),
    "open": ("Para probarlo:", "To try it:"),
    "crm_logins": (
        "usuarios lucia, marco (español), helen (inglés), admin; contraseña: nombre-demo",
        "users lucia, marco (Spanish), helen (English), admin; password: name-demo",
    ),
    "google_page": (
        "los calendarios de Google, para mirar y cambiar",
        "Google's calendars, to look at and to edit",
    ),
    "commands": ("Órdenes, en otra terminal:", "Commands, in another terminal:"),
    "stop": ("Ctrl-C para terminar.", "Ctrl-C to stop."),
    "stopping": ("Terminando…", "Stopping…"),
    "stopped": ("Terminado: no queda nada en marcha.", "Stopped: nothing is left running."),
    "died": (
        "{name} ha dejado de funcionar. El final de su registro:",
        "{name} has died. The end of its log:",
    ),
    "failed": ("La demostración no ha podido seguir.", "The demo could not go on."),
}


def say(name: str, /, **values: object) -> str:
    """Return a text in the terminal's language."""
    chosen = os.environ.get("LC_ALL") or os.environ.get("LC_MESSAGES") or os.environ.get("LANG") or ""
    return WORDS[name][chosen.lower().startswith("en")].format(**values)
