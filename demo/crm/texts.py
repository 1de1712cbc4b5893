"""The stand-in's own words, in the two languages of its users."""

from demo.crm.installation import DEFAULT_LANGUAGE

# Key: Spanish, English.
WORDS = {
    "crm": ("CRM de muestra", "Sample CRM"),
    "calendar": ("Calendario", "Calendar"),
    "contacts": ("Contactos", "Contacts"),
    "settings": ("Configuración", "Settings"),
    "planner": ("Planificador", "Scheduler"),
    "extensions": ("Extensiones", "Extensions"),
    "logout": ("Salir", "Sign out"),
    "login": ("Entrar", "Sign in"),
    "user": ("Usuario", "User name"),
    "password": ("Contraseña", "Password"),
    "bad_login": ("Usuario o contraseña incorrectos", "Invalid user name or password"),
    "records": ("Lista de registros", "Records list"),
    "add_event": ("Añadir evento", "Add event"),
    "add_task": ("Añadir tarea", "Add task"),
    "add_contact": ("Añadir contacto", "Add contact"),
    "all": ("Todos", "All"),
    "mine": ("Míos y de mis grupos", "Mine and my groups'"),
    "subject": ("Asunto", "Subject"),
    "type": ("Tipo", "Type"),
    "start": ("Inicio", "Start"),
    "end": ("Fin", "End"),
    "start_date": ("Fecha de inicio", "Start date"),
    "start_time": ("Hora de inicio", "Start time"),
    "end_date": ("Fecha de fin", "End date"),
    "end_time": ("Hora de fin", "End time"),
    "due_date": ("Vencimiento", "Due date"),
    "location": ("Lugar", "Location"),
    "status": ("Estado", "Status"),
    "visibility": ("Visibilidad", "Visibility"),
    "priority": ("Prioridad", "Priority"),
    "reminder": ("Aviso (minutos antes)", "Reminder (minutes before)"),
    "owner": ("Asignado a", "Assigned to"),
    "description": ("Descripción", "Description"),
    "repeats": ("Se repite", "Repeats"),
    "repeats_note": (
        "Pertenece a una serie: se guarda solo esta actividad.",
        "Part of a series: only this one is saved.",
    ),
    "edit": ("Editar", "Edit"),
    "delete": ("Eliminar", "Delete"),
    "save": ("Guardar", "Save"),
    "cancel": ("Cancelar", "Cancel"),
    "sure": ("¿Seguro que desea eliminar este registro?", "Are you sure you want to delete this record?"),
    "previous": ("Anterior", "Previous"),
    "next": ("Siguiente", "Next"),
    "of": ("de", "of"),
    "none": ("No hay registros", "No records"),
    "loading": ("Cargando…", "Loading…"),
    "number": ("Número", "Number"),
    "name": ("Nombre", "Name"),
    "firstname": ("Nombre", "First name"),
    "lastname": ("Apellidos", "Last name"),
    "salutation": ("Tratamiento", "Salutation"),
    "account": ("Cuenta", "Account"),
    "title": ("Cargo", "Title"),
    "email": ("Correo electrónico", "E-mail"),
    "phone": ("Teléfono", "Office phone"),
    "mobile": ("Móvil", "Mobile"),
    "homephone": ("Teléfono particular", "Home phone"),
    "birthday": ("Fecha de nacimiento", "Birthdate"),
    "street": ("Calle", "Street"),
    "city": ("Población", "City"),
    "state": ("Provincia", "State"),
    "zip": ("Código postal", "Postal code"),
    "country": ("País", "Country"),
    "sequence": ("Secuencia", "Sequence"),
    "task_name": ("Tarea Programada", "Cron Job"),
    "frequency": ("Frecuencia (HM)", "Frequency (H:M)"),
    "last_start": ("Última ejecución empezó hace", "Last scan started"),
    "last_end": ("Última ejecución acabó hace", "Last scan ended"),
    "inactive": ("Inactivo", "In Active"),
    "active": ("Activo", "Active"),
    "running": ("En ejecución", "Running"),
    "seconds": ("{} segundos", "{} seconds ago"),
    "minutes": ("{} minutos", "{} minutes ago"),
    "hours": ("{} horas", "{} hours ago"),
    "days": ("{} días", "{} days ago"),
    "years": ("{} años", "{} years ago"),
    "bad_frequency": ("La frecuencia mínima es 15 minutos", "The smallest frequency is 15 minutes"),
    "not_permitted": ("Permiso denegado", "Permission denied"),
    "no_such_page": ("El CRM de muestra no tiene esta página", "The sample CRM has no such page"),
    "reached_crm": ("Esta petición ha llegado al CRM", "This request reached the CRM"),
    "should_route": (
        "Es del módulo Google: nginx debería haberla enviado al complemento.",
        "It belongs to the Google module: nginx should have routed it to the plugin.",
    ),
    "no_extension": ("Aquí va la página de la extensión Google", "The Google extension's page goes here"),
    "go_back": ("Volver", "Go back"),
}
# Picklist values are stored in English and shown in the user's language.
SPANISH_VALUES = {
    "Meeting": "Reunión",
    "Call": "Llamada",
    "Mobile Call": "Llamada de móvil",
    "Task": "Tarea",
    "Planned": "Planificado",
    "Held": "Realizado",
    "Not Held": "No realizado",
    "Not Started": "No iniciada",
    "In Progress": "En curso",
    "Completed": "Completada",
    "Public": "Público",
    "Private": "Privado",
    "High": "Alta",
    "Medium": "Media",
    "Low": "Baja",
    "Daily": "Cada día",
    "Weekly": "Cada semana",
    "Monthly": "Cada mes",
    "Yearly": "Cada año",
}


class Texts:
    """The words in one language: an attribute for each key, so that templates read `t.subject`."""

    def __init__(self, language: str) -> None:
        self.language = language or DEFAULT_LANGUAGE
        self.is_spanish = self.language.startswith("es")

    def __getattr__(self, key: str) -> str:
        try:
            spanish, english = WORDS[key]
        except KeyError:
            raise AttributeError(key) from None
        return spanish if self.is_spanish else english

    def value(self, stored: str) -> str:
        """Show a picklist value."""
        return SPANISH_VALUES.get(stored, stored) if self.is_spanish else stored

    def ago(self, seconds: int) -> str:
        """Show how long ago something was, in its largest unit."""
        units = (("years", 365 * 86400), ("days", 86400), ("hours", 3600), ("minutes", 60), ("seconds", 1))
        for unit, length in units:
            if seconds >= length:
                return str(getattr(self, unit)).format(seconds // length)
        return str(self.seconds).format(0)
